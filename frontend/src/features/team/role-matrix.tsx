import { useT } from '@/i18n';
import { Table } from '@/ui/data-table';
import { Section } from '@/ui/page';

import { roles } from './roles';

/** The deeds that tell the roles apart, in the order of the API's own table; each role may do what the next one may. */
const deeds = [
  ['read', 4],
  ['answer', 3],
  ['record', 2],
  ['manage', 1],
] as const;

export function RoleMatrix() {
  const t = useT();
  return (
    <Section title={t('team.matrix')}>
      <Table
        label={t('team.matrix')}
        rows={deeds}
        rowKey={([name]) => name}
        empty=""
        columns={[
          { title: t('team.deed'), cell: ([name]) => t(`team.deeds.${name}`) },
          ...roles.map((role, index) => ({
            title: t(`role.${role}`),
            cell: ([, upTo]: (typeof deeds)[number]) => (index < upTo ? t('team.yes') : '—'),
          })),
        ]}
      />
    </Section>
  );
}
