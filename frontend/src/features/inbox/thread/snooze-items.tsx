import { Menu } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';

import { settingsQuery } from '@/api/queries';
import { useT } from '@/i18n';
import { longTime } from '@/lib/format';
import { useTenant } from '@/lib/permissions';

import { snoozeChoices } from './snooze';

export default function SnoozeItems({ onChoose }: { onChoose: (until: Date) => void }) {
  const t = useT();
  const tenant = useTenant();
  const { data: settings } = useQuery(settingsQuery(tenant.id));
  return snoozeChoices(new Date(), settings?.time_zone).map(({ name, until }) => (
    <Menu.Item
      key={name}
      onClick={() => onChoose(until)}
      rightSection={<span className="muted">{longTime(until, t.language, settings?.time_zone)}</span>}
    >
      {t(`snooze.${name}`)}
    </Menu.Item>
  ));
}
