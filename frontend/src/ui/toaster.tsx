import '@mantine/core/styles/Notification.css';
import '@mantine/notifications/styles.css';

import { Button, Group } from '@mantine/core';
import { Notifications } from '@mantine/notifications';

export { notifications } from '@mantine/notifications';

/** Where short messages appear. */
export const Toaster = () => <Notifications position="bottom-left" zIndex={450} />;

/** A message with something to do about it. */
export function Offered({ message, label, onClick }: { message: string; label: string; onClick: () => void }) {
  return (
    <Group justify="space-between" gap={8} wrap="nowrap">
      <span>{message}</span>
      <Button variant="subtle" color="accent" onClick={onClick}>
        {label}
      </Button>
    </Group>
  );
}
