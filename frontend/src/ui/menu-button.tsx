import { ActionIcon, type ActionIconProps } from '@mantine/core';
import { type ComponentPropsWithRef, lazy, type ReactNode, Suspense, useState } from 'react';

const load = () => import('./menu-open');
const MenuOpen = lazy(load);

/** What a menu's own button gets. */
export type TargetProps = ComponentPropsWithRef<'button'>;

interface Props {
  /** The button; made twice, so it must be a plain function of its props. */
  target: (props: TargetProps) => ReactNode;
  width?: number;
  position?: 'bottom-end' | 'bottom-start' | 'top-end';
  opened?: boolean;
  onChange?: (isOpen: boolean) => void;
  children: ReactNode;
}

/** A menu whose machinery is loaded when somebody is about to open it. Its items must be lazy too. */
export function MenuButton({ target, children, ...rest }: Props) {
  const [wasOpened, setOpened] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const opened = rest.opened ?? isOpen;
  const onChange = (next: boolean) => {
    setOpened(true);
    setOpen(next);
    rest.onChange?.(next);
  };
  const closed = target({
    'aria-haspopup': 'menu',
    'aria-expanded': opened,
    onClick: () => onChange(true),
    onPointerEnter: () => void load(),
    onFocus: () => void load(),
  });
  if (!opened && !wasOpened) return closed;
  return (
    <Suspense fallback={closed}>
      <MenuOpen {...rest} target={target} opened={opened} onChange={onChange}>
        <Suspense fallback={null}>{children}</Suspense>
      </MenuOpen>
    </Suspense>
  );
}

/** The usual button of a menu: an icon with a name. */
export const iconTarget = (label: string, icon: ReactNode, extra?: ActionIconProps) =>
  function IconTarget(props: TargetProps) {
    return (
      <ActionIcon {...extra} {...(props as object)} aria-label={label} title={label}>
        {icon}
      </ActionIcon>
    );
  };
