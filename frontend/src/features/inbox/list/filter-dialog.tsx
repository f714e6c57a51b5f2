import { Button, Checkbox, Modal, NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { labelsQuery, teamsQuery } from '@/api/queries';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';

import { usePeople } from '../people';
import type { InboxSearch } from '../search';
import classes from './list.module.css';
import { flags, useNarrow } from './narrow';

/** What narrows the list. */
export default function FilterDialog({ search, onClose }: { search: InboxSearch; onClose: () => void }) {
  const t = useT();
  const tenant = useTenant();
  const narrow = useNarrow();
  const { members } = usePeople();
  const { data: labels = [] } = useQuery(labelsQuery(tenant.id));
  const { data: teams = [] } = useQuery(teamsQuery(tenant.id));
  const any = { value: '', label: t('filter.any') };
  return (
    <Modal
      opened
      onClose={onClose}
      title={t('list.filters')}
      size="sm"
      closeButtonProps={{ 'aria-label': t('action.close') }}
    >
      <div className={classes.filters}>
        {flags.map((flag) => (
          <Checkbox
            key={flag}
            label={t(`filter.${flag}`)}
            checked={search[flag] ?? false}
            onChange={(event) => narrow({ [flag]: event.currentTarget.checked || undefined })}
          />
        ))}
        <NativeSelect
          label={t('filter.label')}
          value={search.label ?? ''}
          onChange={(event) => narrow({ label: event.currentTarget.value || undefined })}
          data={[any, ...labels.map((label) => label.name)]}
        />
        <NativeSelect
          label={t('filter.assignee')}
          value={search.assignee ?? ''}
          onChange={(event) => narrow({ assignee: event.currentTarget.value || undefined })}
          data={[
            any,
            ...members.map((member) => ({ value: member.user_id, label: member.display_name || member.email })),
          ]}
        />
        {teams.length > 0 && (
          <NativeSelect
            label={t('filter.team')}
            value={search.team ?? ''}
            onChange={(event) => narrow({ team: event.currentTarget.value || undefined })}
            data={[any, ...teams.map((team) => ({ value: team.id, label: team.name }))]}
          />
        )}
        <Button variant="filled" onClick={onClose}>
          {t('action.done')}
        </Button>
      </div>
    </Modal>
  );
}
