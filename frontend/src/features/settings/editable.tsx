import '@mantine/core/styles/Tooltip.css';

/** Small things that are made, changed and deleted in a dialog: labels, teams, canned replies. */
import { ActionIcon, Button, Group, Modal, Stack, Tooltip } from '@mantine/core';
import { IconPencil, IconTrash } from '@tabler/icons-react';
import { type QueryKey, useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';

import { ApiProblem } from '@/api/problem';
import { useT } from '@/i18n';
import { Confirm } from '@/ui/confirm';
import { FormFailure } from '@/ui/states';

export interface Editable<Row> {
  editing: Row | 'new' | undefined;
  removing: Row | undefined;
  edit: (row: Row | 'new') => void;
  remove: (row: Row) => void;
  close: () => void;
  refresh: () => Promise<void>;
}

export function useEditable<Row>(key: QueryKey): Editable<Row> {
  const client = useQueryClient();
  const [editing, setEditing] = useState<Row | 'new'>();
  const [removing, setRemoving] = useState<Row>();
  return {
    editing,
    removing,
    edit: setEditing,
    remove: setRemoving,
    close: () => {
      setEditing(undefined);
      setRemoving(undefined);
    },
    refresh: () => client.invalidateQueries({ queryKey: key }),
  };
}

export function RowDeeds({ name, onEdit, onDelete }: { name: string; onEdit: () => void; onDelete: () => void }) {
  const t = useT();
  return (
    <Group gap={4} wrap="nowrap" justify="flex-end">
      <Tooltip label={t('action.edit')}>
        <ActionIcon aria-label={t('action.editThis', { name })} onClick={onEdit}>
          <IconPencil size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
      <Tooltip label={t('action.delete')}>
        <ActionIcon aria-label={t('action.deleteThis', { name })} onClick={onDelete}>
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      </Tooltip>
    </Group>
  );
}

interface DialogProps<Row> {
  editable: Editable<Row>;
  title: string;
  nameOf: (row: Row) => string;
  onSave: (row: Row | 'new') => Promise<unknown>;
  onDelete: (row: Row) => Promise<unknown>;
  children: (errors: Record<string, string>) => ReactNode;
}

export function EditDialog<Row>({ editable, title, nameOf, onSave, onDelete, children }: DialogProps<Row>) {
  const t = useT();
  const { editing, removing, close, refresh } = editable;
  if (removing !== undefined) {
    return (
      <Confirm
        title={t('action.deleteThis', { name: nameOf(removing) })}
        deed={t('action.delete')}
        isDangerous
        onClose={close}
        onConfirm={async () => {
          await onDelete(removing);
          await refresh();
        }}
      >
        {t('confirm.noUndo')}
      </Confirm>
    );
  }
  return editing === undefined ? null : (
    <Form title={title} onClose={close} onSave={() => onSave(editing)} refresh={refresh} fields={children} />
  );
}

function Form({
  title,
  onClose,
  onSave,
  refresh,
  fields,
}: {
  title: string;
  onClose: () => void;
  onSave: () => Promise<unknown>;
  refresh: () => Promise<void>;
  fields: DialogProps<never>['children'];
}) {
  const t = useT();
  const [failure, setFailure] = useState<unknown>();
  const [isBusy, setBusy] = useState(false);
  const found = failure instanceof ApiProblem ? (failure.problem?.errors ?? []) : [];
  const errors = Object.fromEntries(found.map(({ field, code }) => [field, t(`field.${code}`)]));
  const onSubmit = async (event: React.FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setFailure(undefined);
    try {
      await onSave();
      await refresh();
      onClose();
    } catch (error) {
      if (error instanceof ApiProblem && error.code === 'version_outdated') void refresh();
      setFailure(error);
      setBusy(false);
    }
  };
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('action.close') }}>
      <form onSubmit={(event) => void onSubmit(event)}>
        <Stack gap={16}>
          <FormFailure error={found.length > 0 ? undefined : failure} />
          {fields(errors)}
          <Group justify="flex-end" gap={8}>
            <Button onClick={onClose}>{t('action.cancel')}</Button>
            <Button type="submit" variant="filled" loading={isBusy}>
              {t('action.save')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
