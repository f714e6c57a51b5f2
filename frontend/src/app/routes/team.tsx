import { TeamScreen } from '@/features/team/team-screen';
import { Needs } from '@/ui/needs';

export const TeamRoute = () => (
  <Needs permission="members.write" role="administrator">
    <TeamScreen />
  </Needs>
);
