import { useParams } from '@tanstack/react-router';

import { SettingsScreen } from '@/features/settings/settings-screen';
import { Needs } from '@/ui/needs';

export function SettingsRoute() {
  const { section } = useParams({ from: '/app/t/$tenant/settings/{-$section}' });
  return (
    <Needs permission="settings.write" role="administrator">
      <SettingsScreen section={section} />
    </Needs>
  );
}
