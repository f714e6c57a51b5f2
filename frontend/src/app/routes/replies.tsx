import { RepliesScreen } from '@/features/settings/replies-screen';
import { Needs } from '@/ui/needs';

export const RepliesRoute = () => (
  <Needs permission="conversations.read" role="agent">
    <RepliesScreen />
  </Needs>
);
