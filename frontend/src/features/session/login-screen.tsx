import { Anchor } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';

import { meQuery, setupQuery } from '@/api/queries';
import { useT } from '@/i18n';
import { Failed } from '@/ui/states';

import { Card } from './card';
import { SignInForm } from './sign-in-form';

/** Where somebody wanted to go before they had to sign in; only ever a path of our own. */
const safePath = (next: string | undefined): string => (next && /^\/(?![/\\])/.test(next) ? next : '/');

export function LoginScreen({ next }: { next: string | undefined }) {
  const t = useT();
  const navigate = useNavigate();
  const client = useQueryClient();
  const { data: setup, error, refetch } = useQuery(setupQuery);
  useEffect(() => {
    if (setup?.needs_setup) void navigate({ to: '/setup', replace: true });
  }, [setup, navigate]);
  return (
    <Card title={t('session.signInTitle')}>
      {error && !setup ? (
        <Failed error={error} onRetry={() => void refetch()} />
      ) : (
        <>
          {location.protocol === 'http:' && location.hostname !== 'localhost' && location.hostname !== '127.0.0.1' && (
            <p className="muted">{t('session.plainHttp')}</p>
          )}
          <SignInForm
            onSignedIn={(me) => {
              client.setQueryData(meQuery.queryKey, me);
              void navigate({ href: safePath(next), replace: true });
            }}
          />
          <Anchor renderRoot={(props) => <Link {...props} to="/forgot" />}>{t('session.forgot')}</Anchor>
        </>
      )}
    </Card>
  );
}
