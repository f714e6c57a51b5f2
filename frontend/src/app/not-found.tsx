import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';

import { useT } from '@/i18n';
import { useTitle } from '@/ui/page';
import { Empty } from '@/ui/states';

export function NotFound() {
  const t = useT();
  useTitle(t('state.notFound'));
  return (
    <main>
      <Empty title={t('state.notFound')}>
        <Anchor renderRoot={(props) => <Link {...props} to="/" />}>{t('state.home')}</Anchor>
      </Empty>
    </main>
  );
}
