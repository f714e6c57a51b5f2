import { useT } from '@/i18n';

export function Details({ value }: { value: unknown }) {
  const t = useT();
  return (
    <details>
      <summary>{t('record.details')}</summary>
      <pre className="mono" style={{ whiteSpace: 'pre-wrap', margin: 0, maxWidth: 560 }}>
        {JSON.stringify(value, null, 2)}
      </pre>
    </details>
  );
}
