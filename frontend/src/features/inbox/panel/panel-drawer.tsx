import { Drawer } from '@mantine/core';

import { useT } from '@/i18n';

import ContactPanel from './contact-panel';

export default function PanelDrawer({
  tenant,
  conversation,
  onClose,
}: {
  tenant: string;
  conversation: string;
  onClose: () => void;
}) {
  const t = useT();
  return (
    <Drawer
      opened
      onClose={onClose}
      title={t('panel.label')}
      size="min(400px, 100vw)"
      padding={0}
      closeButtonProps={{ 'aria-label': t('action.close') }}
      styles={{ header: { padding: '8px 16px' } }}
    >
      <ContactPanel tenant={tenant} conversation={conversation} />
    </Drawer>
  );
}
