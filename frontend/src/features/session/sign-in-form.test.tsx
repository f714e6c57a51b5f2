import { screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { delay, http, HttpResponse } from 'msw';
import { describe, expect, it, vi } from 'vitest';

import { renderAlone } from '@/testing/render';
import { server } from '@/testing/setup';

import { SignInForm } from './sign-in-form';

const SESSION = '*/api/v1/session';
const problem = (status: number, code: string, headers: Record<string, string> = {}) =>
  HttpResponse.json(
    { type: 'about:blank', title: code, status, code, detail: code },
    { status, headers: { 'content-type': 'application/problem+json', ...headers } },
  );

async function fill(password = 'a long sentence') {
  const user = userEvent.setup();
  await user.type(screen.getByLabelText(/E-mail/), 'ana@example.com');
  await user.type(screen.getByLabelText(/^Contraseña/), password);
  await user.click(screen.getByRole('button', { name: 'Ingresar' }));
  return user;
}

describe('signing in', () => {
  it('sends what was typed and tells who came in', async () => {
    const bodies: unknown[] = [];
    server.use(
      http.post(SESSION, async ({ request }) => {
        bodies.push(await request.json());
        expect(request.headers.get('x-requested-with')).toBe('nexus');
        return HttpResponse.json({ id: 'ana' });
      }),
    );
    const onSignedIn = vi.fn();
    renderAlone(<SignInForm onSignedIn={onSignedIn} />);
    await fill();
    await waitFor(() => expect(onSignedIn).toHaveBeenCalledWith({ id: 'ana' }));
    expect(bodies).toEqual([{ email: 'ana@example.com', password: 'a long sentence' }]);
  });

  it('asks for the code only when there is one, and keeps the password', async () => {
    const codes: unknown[] = [];
    server.use(
      http.post(SESSION, async ({ request }) => {
        const { code } = (await request.json()) as { code?: string };
        codes.push(code);
        return code ? HttpResponse.json({ id: 'ana' }) : problem(401, 'second_factor_needed');
      }),
    );
    const onSignedIn = vi.fn();
    renderAlone(<SignInForm onSignedIn={onSignedIn} />);
    const user = await fill();
    await user.type(await screen.findByLabelText(/Código/), '123456');
    await user.click(screen.getByRole('button', { name: 'Ingresar' }));
    await waitFor(() => expect(onSignedIn).toHaveBeenCalled());
    expect(codes).toEqual([undefined, '123456']);
  });

  it('says the same for a wrong password and an unknown account', async () => {
    server.use(http.post(SESSION, () => problem(401, 'wrong_credentials')));
    renderAlone(<SignInForm onSignedIn={vi.fn()} />);
    await fill();
    expect((await screen.findByRole('alert')).textContent).toBe('El e-mail o la contraseña no son correctos.');
  });

  it('counts down after too many tries', async () => {
    server.use(http.post(SESSION, () => problem(429, 'too_many_tries', { 'retry-after': '30' })));
    renderAlone(<SignInForm onSignedIn={vi.fn()} />);
    await fill();
    expect((await screen.findByRole('timer')).textContent).toContain('30 segundos');
    expect((screen.getByRole('button', { name: 'Ingresar' }) as HTMLButtonElement).disabled).toBe(true);
  });

  it.each([
    ['nobody answers', () => HttpResponse.error(), 'El servidor no responde'],
    ['a proxy answers with its own page', () => new HttpResponse('<html>', { status: 502 }), 'El servidor no responde'],
    ['the server fails', () => problem(500, 'internal'), 'Algo falló del lado del servidor'],
    ['a code comes that this page does not know', () => problem(418, 'teapot'), 'Algo falló del lado del servidor'],
  ])('when %s, it says what happened and keeps what was typed', async (_, answer, words) => {
    server.use(
      http.post(SESSION, async () => {
        await delay(1);
        return answer();
      }),
    );
    renderAlone(<SignInForm onSignedIn={vi.fn()} />);
    await fill();
    expect((await screen.findByRole('alert')).textContent).toContain(words);
    expect((screen.getByLabelText(/E-mail/) as HTMLInputElement).value).toBe('ana@example.com');
  });

  it('checks before it asks', async () => {
    renderAlone(<SignInForm onSignedIn={vi.fn()} />);
    const user = userEvent.setup();
    await user.type(screen.getByLabelText(/E-mail/), 'ana');
    await user.type(screen.getByLabelText(/^Contraseña/), 'x');
    screen
      .getByLabelText(/E-mail/)
      .closest('form')
      ?.setAttribute('novalidate', '');
    await user.click(screen.getByRole('button', { name: 'Ingresar' }));
    expect(await screen.findByText('Escribir un e-mail válido')).toBeTruthy();
  });
});
