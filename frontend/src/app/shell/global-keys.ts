import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';

import { useMe } from '@/features/session/session';
import { isTaken, isWaitingForPlace, nameOf, placeFound, waitForPlace } from '@/lib/keyboard';
import { preferences } from '@/lib/preferences';

import { opsPlaces, placesFor } from './navigation';
import { useMay } from './use-may';

export type Overlay = 'palette' | 'sheet' | undefined;

/** The keys that work on every screen, and the overlays they open. */
export function useGlobalKeys(tenant: string | undefined) {
  const navigate = useNavigate();
  const me = useMe();
  const may = useMay(tenant);
  const [open, setOpen] = useState<Overlay>();

  useEffect(() => {
    const goTo = (letter: string) => {
      const all = [...(tenant ? placesFor(may) : []), ...(me.is_superadmin ? opsPlaces : [])];
      const place = all.find((other) => other.key === letter);
      placeFound();
      if (place) void navigate({ to: place.to, params: { tenant } as never });
      return place !== undefined;
    };
    const onKey = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        return setOpen('palette');
      }
      const name = nameOf(event);
      if (name === undefined || !preferences().singleKeys || isTaken(event)) return;
      if (isWaitingForPlace()) {
        if (goTo(name)) {
          event.preventDefault();
          event.stopImmediatePropagation();
        }
      } else if (name === 'g') waitForPlace();
      else if (name === '?') setOpen('sheet');
      else if (name === '/') {
        const field = document.querySelector<HTMLInputElement>('[data-search]');
        event.preventDefault();
        if (field) field.focus();
        else setOpen('palette');
      }
    };
    // Before the keys of the screen itself.
    window.addEventListener('keydown', onKey, { capture: true });
    return () => window.removeEventListener('keydown', onKey, { capture: true });
  }, [navigate, tenant, may, me.is_superadmin]);

  return { open, setOpen };
}
