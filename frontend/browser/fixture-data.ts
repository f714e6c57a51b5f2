/** What the fake API knows. Typed by the API document, so that it cannot drift from it. */
import type {
  CannedReply,
  Contact,
  Conversation,
  Counts,
  Label,
  Me,
  Member,
  Message,
  Permission,
  Role,
  Settings,
  Team,
  Trace,
} from '../src/api/types';

export const TENANT = '0190f0a0-0000-7000-8000-000000000001';
export const OTHER_TENANT = '0190f0a0-0000-7000-8000-000000000002';
export const ANA = '0190f0a0-0000-7000-8000-0000000000a1';
export const BRUNO = '0190f0a0-0000-7000-8000-0000000000a2';
export const CHANNEL = '0190f0a0-0000-7000-8000-0000000000c1';
const MINUTE = 60_000;

export const id = (kind: string, n: number): string =>
  `0190f0a0-0000-7000-${kind.padStart(4, '9')}-${String(n).padStart(12, '0')}`;
export const ago = (ms: number): string => new Date(Date.now() - ms).toISOString();
export const ahead = (ms: number): string => new Date(Date.now() + ms).toISOString();

const agentMay: Permission[] = [
  'settings.read',
  'conversations.read',
  'conversations.write',
  'messages.send',
  'contacts.read',
  'contacts.write',
  'members.read',
];
const adminMay: Permission[] = [
  ...agentMay,
  'settings.write',
  'contacts.erase',
  'members.write',
  'api_tokens.read',
  'api_tokens.write',
  'audit.read',
  'system_events.read',
  'channels.read',
  'channels.write',
  'integrations.read',
  'integrations.write',
];

export function me(role: Role, isSuperadmin = false): Me {
  const permissions = role === 'administrator' ? adminMay : agentMay;
  return {
    id: ANA,
    email: 'ana@example.com',
    display_name: 'Ana',
    language: 'es',
    is_superadmin: isSuperadmin,
    has_second_factor: false,
    backup_codes_left: 0,
    session_id: id('5e55', 1),
    updated_at: '2026-11-23T12:00:00.123456Z',
    tenants: [
      { id: TENANT, name: 'Tienda Sol', is_suspended: false, permissions, role },
      { id: OTHER_TENANT, name: 'Clínica Río', is_suspended: false, permissions, role },
    ],
  };
}

const NAMES = [
  'Lucía Pérez',
  'João Silva',
  'María Fernández',
  'Carlos Gómez',
  'Sofía Rodríguez',
  'Martín López',
  'Valentina Díaz',
  'Diego Torres',
  'Camila Romero',
  'Juan Álvarez',
  '<img src=x onerror=alert(1)>',
  '‮evil txt',
  '🎉🎉🎉',
];
const LINES = [
  'Me llegó roto el pedido',
  '¿Tienen turno para el jueves?',
  'Gracias!',
  'Hola, ¿hacen envíos a Córdoba?',
  'Te paso con una persona del equipo.',
  '[image] mirá',
  'Ok, perfecto',
];

export function conversation(n: number, change: Partial<Conversation> = {}): Conversation {
  const isWaiting = n % 5 === 0;
  const handledBy = n % 3 === 0 || isWaiting ? 'agent' : 'assistant';
  return {
    id: id('c0', n),
    contact: {
      id: id('ca', n),
      name: n < 200 ? (NAMES[n % NAMES.length] ?? '') : `Cliente ${n}`,
      phone: `54911${String(20_000_000 + n * 37).slice(0, 8)}`,
      opted_out_at: null,
      blocked_at: null,
    },
    channel: { id: CHANNEL, name: 'Ventas', phone: '5491150000000', provider: 'ycloud' },
    last_message: {
      at: ago(n * 3 * MINUTE),
      author: n % 2 ? 'contact' : 'assistant',
      author_user_id: null,
      kind: n % 7 === 5 ? 'image' : 'text',
      preview: LINES[n % LINES.length] ?? '',
      status: n % 2 ? null : n % 11 === 0 ? 'failed' : 'read',
    },
    status: 'open',
    handled_by: handledBy,
    auto_return_at: handledBy === 'agent' ? ahead(23 * 60 * MINUTE) : null,
    assigned_user_id: handledBy === 'agent' && !isWaiting ? (n % 2 ? ANA : BRUNO) : null,
    team_id: null,
    priority: 'normal',
    labels: n % 4 === 0 ? ['reclamo', 'vip', 'envío'] : [],
    window_ends_at: ahead((n % 6 === 0 ? 3.2 : 20) * 60 * MINUTE),
    can_send_free_text: true,
    unread_count: n % 5 === 0 ? 2 : 0,
    waiting_since: isWaiting ? ago((n * 4 + 12) * MINUTE) : null,
    snoozed_until: null,
    first_response_at: null,
    is_secondary: false,
    revision: 1,
    allowed_actions: [
      'assign',
      'label',
      'note',
      handledBy === 'agent' ? 'return' : 'take_over',
      'resolve',
      'snooze',
      'send_text',
    ],
    ...change,
  } as Conversation;
}

type Made = Partial<Message> & Pick<Message, 'kind'>;

/** One of each kind that the providers know, failures of several causes, and text that would break a careless page. */
export function showcase(conversation: string): Message[] {
  const inbound = (kind: string, body: string, content: object = {}): Made => ({
    kind,
    body,
    content: content as Message['content'],
    direction: 'inbound',
    author: 'contact',
    status: null,
  });
  const bot = (body: string, status = 'read'): Made => ({
    kind: 'text',
    body,
    direction: 'outbound',
    author: 'assistant',
    status,
    turn_id: id('7000', 1),
  });
  const agent = (body: string, status: string, change: Partial<Message> = {}): Made => ({
    kind: 'text',
    body,
    direction: 'outbound',
    author: 'agent',
    author_user_id: ANA,
    status,
    ...change,
  });
  const made: Made[] = [
    inbound('text', 'Hola! Me llegó roto el pedido *1042* 😞'),
    inbound('text', '¿Me lo cambian? Lo compré en https://tienda.example/mesa-ratona'),
    bot('Lamento que haya llegado así. ¿Podés mandar una foto del daño?'),
    inbound('image', '[image] se ve acá', { caption: 'se ve acá' }),
    inbound('audio', '[audio]'),
    inbound('document', '[document factura.pdf]', { filename: 'factura.pdf' }),
    inbound('location', '[location Casa (-34.6, -58.4)]', {
      name: 'Casa',
      address: 'Av. Siempreviva 742',
      latitude: -34.6,
      longitude: -58.4,
    }),
    inbound('contacts', '[contact: Pedro]', [
      { name: { formatted_name: 'Pedro Ruiz' }, phones: [{ phone: '+54 9 11 5555-1234' }] },
    ]),
    inbound('sticker', '[sticker]'),
    inbound('reaction', '[reaction ❤️]', { emoji: '❤️' }),
    inbound('interactive', 'Sí, el jueves', { button_reply: { title: 'Sí, el jueves' } }),
    inbound('order', '[order of 2 products]', {
      product_items: [
        { item_price: 1500, quantity: 2, currency: 'ARS' },
        { item_price: 900, quantity: 1, currency: 'ARS' },
      ],
      text: 'para regalo',
    }),
    inbound('poll', '[unsupported: poll]'),
    inbound('text', '<img src=x onerror="alert(1)"> ‮txt.exe 🎉🎉🎉 مرحبا'),
    bot('Te paso con una persona del equipo.'),
    agent('Hola, soy Ana. Ya lo reviso.', 'delivered'),
    agent('Te mandamos uno nuevo mañana.', 'failed', {
      failure: {
        words: 'Pasaron más de 24 horas desde el último mensaje del contacto.',
        remedy: 'use_template',
        code: '131047',
        provider_words: 'Re-engagement message',
      },
    }),
    agent('¿Te queda bien a la tarde?', 'unknown', {
      failure: {
        words: 'No se sabe si el mensaje llegó.',
        remedy: 'check_and_resend',
        code: null,
        provider_words: null,
      },
    }),
    agent('Perfecto', 'queued'),
  ];
  const start = Date.now() - made.length * 5 * MINUTE;
  return made.map((one, index) =>
    message(conversation, index, { ...one, sent_at: new Date(start + index * 5 * MINUTE).toISOString() }),
  );
}

export function message(conversation: string, n: number, change: Partial<Message> = {}): Message {
  const isInbound = n % 2 === 0;
  return {
    id: id(conversation.slice(-4), n + 1),
    conversation_id: conversation,
    direction: isInbound ? 'inbound' : 'outbound',
    author: isInbound ? 'contact' : 'assistant',
    author_user_id: null,
    kind: 'text',
    body: `Mensaje ${n}. ${'Un texto de largo corriente. '.repeat(n % 4)}`,
    content: {},
    reply_to: null,
    provider_message_id: `wamid.${conversation.slice(-4)}.${n}`,
    turn_id: isInbound ? null : id('7000', 1),
    sent_at: ago((30_000 - n) * MINUTE),
    status: isInbound ? null : 'read',
    status_at: null,
    failure: null,
    resend_of: null,
    client_message_id: null,
    ...change,
  };
}

export const trace: Trace = {
  id: id('7000', 1),
  state: 'done',
  outcome: 'answered',
  inbound_message_ids: [id('c0', 1)],
  outbound_message_ids: [id('c0', 2)],
  created_at: ago(10 * MINUTE),
  started_at: ago(9 * MINUTE),
  finished_at: new Date(Date.now() - 9 * MINUTE + 3400).toISOString(),
  attempts: 1,
  cost: { model: 'gpt-4.1-mini-2025-04-14', prompt_tokens: 1820, completion_tokens: 96 },
  steps: [
    {
      number: 0,
      kind: 'model_answer',
      call_id: null,
      created_at: new Date(Date.now() - 9 * MINUTE + 1400).toISOString(),
      payload: {
        text: '',
        calls: [{ id: 'call_1', name: 'check_business_hours', arguments: '{"day":"thursday"}' }],
      } as unknown as Trace['steps'][number]['payload'],
    },
    {
      number: 1,
      kind: 'tool_result',
      call_id: 'call_1',
      created_at: new Date(Date.now() - 9 * MINUTE + 1500).toISOString(),
      payload: {
        tool: 'check_business_hours',
        has_effect: false,
        is_ok: true,
        content: { open: '09:00', close: '18:00' },
      } as unknown as Trace['steps'][number]['payload'],
    },
    {
      number: 2,
      kind: 'model_answer',
      call_id: null,
      created_at: new Date(Date.now() - 9 * MINUTE + 3400).toISOString(),
      payload: {
        text: 'Lamento que haya llegado así. ¿Podés mandar una foto del daño?',
        calls: [],
      } as unknown as Trace['steps'][number]['payload'],
    },
  ],
};

export const members: Member[] = [
  {
    user_id: ANA,
    email: 'ana@example.com',
    display_name: 'Ana',
    role: 'administrator',
    has_second_factor: true,
    is_disabled: false,
    joined_at: ago(90 * 24 * 60 * MINUTE),
    updated_at: '2026-11-23T12:00:00.123456Z',
    last_seen_at: ago(MINUTE),
  },
  {
    user_id: BRUNO,
    email: 'bruno@example.com',
    display_name: 'Bruno',
    role: 'agent',
    has_second_factor: false,
    is_disabled: false,
    joined_at: ago(30 * 24 * 60 * MINUTE),
    updated_at: '2026-11-23T12:00:00.123456Z',
    last_seen_at: ago(3 * 60 * MINUTE),
  },
];

export const labels: Label[] = ['reclamo', 'vip', 'envío'].map((name, index) => ({
  id: id('1ab', index),
  name,
  color: ['#b3261e', '#0f766e', '#1c5bb0'][index] ?? '#000000',
  revision: 1,
}));
export const teams: Team[] = [{ id: id('7ea', 1), name: 'Ventas', member_ids: [ANA, BRUNO], revision: 1 }];
export const canned: CannedReply[] = [
  {
    id: id('ca2', 1),
    shortcut: 'envio',
    title: 'Plazo de envío',
    body: 'Hola {{contact.first_name}}, el envío tarda 48 horas. Soy {{agent.name}}.',
    language: 'es',
    revision: 1,
  } as CannedReply,
];
export const settings: Settings = {
  name: 'Tienda Sol',
  language: 'es',
  time_zone: 'America/Argentina/Buenos_Aires',
  description: 'Muebles y decoración.',
  location: 'Palermo, Buenos Aires',
  website: 'https://tienda.example',
  business_hours: {
    mon: [['09:00', '18:00']],
    tue: [
      ['09:00', '13:00'],
      ['15:00', '19:00'],
    ],
  },
  silence_window_hours: 24,
  handoff_emails: ['ana@example.com'],
  burst_window_ms: null,
  burst_ceiling_ms: null,
  bubble_delay_ms: null,
  suspended_at: null,
  closed_dates: [],
  closed_on_holidays: false,
  updated_at: ago(60 * MINUTE),
} as Settings;

export function contact(row: Conversation): Contact {
  return {
    id: row.contact.id,
    name: row.contact.name,
    custom_name: null,
    notes: 'Prefiere que le escriban por la tarde.',
    custom_attributes: { Ciudad: 'Buenos Aires' } as unknown as Contact['custom_attributes'],
    identities: [{ address: row.contact.phone ?? '', channel_id: CHANNEL, kind: 'phone' }],
    conversations: [
      { id: row.id, channel_id: CHANNEL, status: row.status, last_message_at: row.last_message.at ?? null },
    ],
    blocked_at: null,
    opted_out_at: null,
    created_at: ago(200 * 24 * 60 * MINUTE),
    revision: 1,
  };
}

export const countsOf = (rows: Conversation[]): Counts => {
  const many = (test: (row: Conversation) => boolean) => Math.min(1000, rows.filter(test).length);
  return {
    waiting: many((row) => row.waiting_since != null && row.status !== 'resolved'),
    mine: many((row) => row.assigned_user_id === ANA && row.status !== 'resolved'),
    unassigned: many((row) => row.handled_by === 'agent' && row.assigned_user_id == null && row.status !== 'resolved'),
    assistant: many((row) => row.handled_by === 'assistant' && row.status !== 'resolved'),
    all: many(() => true),
    resolved: many((row) => row.status === 'resolved'),
    snoozed: many((row) => row.status === 'snoozed'),
  };
};
