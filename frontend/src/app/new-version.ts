import { tNow } from '@/i18n';
import { toast } from '@/ui/toast';

const RELOADED = 'nexus.reloaded';
const EVERY_MS = 5 * 60_000;

/** After a deploy the old pieces are gone: the page is loaded anew, once, so that it cannot do so for ever. */
export function reloadOnceForMissingChunks(): void {
  window.addEventListener('vite:preloadError', (event) => {
    const last = Number(sessionStorage.getItem(RELOADED));
    if (Date.now() - last < 60_000) return;
    event.preventDefault();
    sessionStorage.setItem(RELOADED, String(Date.now()));
    window.location.reload();
  });
}

/** Says when there is a newer build; nobody is interrupted. */
export function watchVersion(): void {
  let running: string | undefined;
  let asked = 0;
  const look = async () => {
    if (document.visibilityState !== 'visible' || Date.now() - asked < 10_000) return;
    asked = Date.now();
    const response = await fetch('/version.json', { cache: 'no-cache' }).catch(() => undefined);
    if (!response?.ok) return;
    const { build } = (await response.json().catch(() => ({}))) as { build?: string };
    if (!build) return;
    running ??= build;
    const t = tNow();
    if (build !== running)
      toast.offer('new-version', t('version.new'), t('version.update'), () => window.location.reload());
  };
  window.addEventListener('focus', () => void look());
  setInterval(() => void look(), EVERY_MS);
  void look();
}
