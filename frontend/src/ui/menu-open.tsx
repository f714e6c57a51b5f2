import '@mantine/core/styles/Popover.css';
import '@mantine/core/styles/Menu.css';

import { Menu } from '@mantine/core';
import type { ReactElement, ReactNode } from 'react';

import type { TargetProps } from './menu-button';

interface Props {
  target: (props: TargetProps) => ReactNode;
  width?: number;
  position?: 'bottom-end' | 'bottom-start' | 'top-end';
  opened: boolean;
  onChange: (isOpen: boolean) => void;
  children: ReactNode;
}

export default function MenuOpen({ target, width = 250, position = 'bottom-end', opened, onChange, children }: Props) {
  return (
    <Menu opened={opened} onChange={onChange} width={width} position={position}>
      <Menu.Target>{target({}) as ReactElement}</Menu.Target>
      <Menu.Dropdown style={{ maxHeight: '60vh', overflowY: 'auto' }}>{children}</Menu.Dropdown>
    </Menu>
  );
}
