import './styles';

import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { lazy, Suspense } from 'react';
import { createRoot } from 'react-dom/client';

import { firstLanguage, speak } from '@/i18n';
import { queryClient } from '@/services';

import { reloadOnceForMissingChunks, watchVersion } from './new-version';
import { router } from './router';
import { resolver, theme } from './theme';

reloadOnceForMissingChunks();
watchVersion();
await speak(firstLanguage());

const Toaster = lazy(() => import('@/ui/toaster').then(({ Toaster }) => ({ default: Toaster })));

const place = document.getElementById('root');
if (place) {
  createRoot(place).render(
    <MantineProvider theme={theme} cssVariablesResolver={resolver} defaultColorScheme="auto">
      <Suspense fallback={null}>
        <Toaster />
      </Suspense>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}
