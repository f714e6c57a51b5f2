import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { teamsQuery } from '@/api/queries';
import { useMe } from '@/features/session/session';
import { useT } from '@/i18n';
import { useTenant } from '@/lib/permissions';

import type { Assignee } from './actions';
import { usePeople } from './people';

/** Whom a conversation can be given to. Viewers cannot answer, so they are not there. */
export default function AssignItems({ onChoose }: { onChoose: (to: Assignee) => void }) {
  const t = useT();
  const me = useMe();
  const tenant = useTenant();
  const { members } = usePeople();
  const { data: teams = [] } = useQuery(teamsQuery(tenant.id));
  const others = members.filter(
    (member) => member.role !== 'viewer' && !member.is_disabled && member.user_id !== me.id,
  );
  const amMember = members.some((member) => member.user_id === me.id && member.role !== 'viewer');
  return (
    <>
      {amMember && <Menu.Item onClick={() => onChoose({ user_id: me.id })}>{t('assign.me')}</Menu.Item>}
      <Menu.Item onClick={() => onChoose({ user_id: null, team_id: null })}>{t('assign.nobody')}</Menu.Item>
      {others.length > 0 && <Menu.Label>{t('assign.people')}</Menu.Label>}
      {others.map((member) => (
        <Menu.Item key={member.user_id} onClick={() => onChoose({ user_id: member.user_id })}>
          {member.display_name || member.email}
        </Menu.Item>
      ))}
      {teams.length > 0 && <Menu.Label>{t('assign.teams')}</Menu.Label>}
      {teams.map((team) => (
        <Menu.Item key={team.id} onClick={() => onChoose({ team_id: team.id })}>
          {team.name}
        </Menu.Item>
      ))}
    </>
  );
}
