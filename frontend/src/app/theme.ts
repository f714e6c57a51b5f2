import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

/** Mantine wants ten shades; ours all come from the tokens, so that no component can show another colour. */
const shades = (solid: string): MantineColorsTuple =>
  Array.from({ length: 10 }, () => solid) as unknown as MantineColorsTuple;

const control = { styles: { input: { minHeight: 'var(--control)' } } };

export const theme = createTheme({
  primaryColor: 'accent',
  primaryShade: 6,
  colors: { accent: shades('#0f766e'), danger: shades('#b3261e') },
  fontFamily: 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif',
  fontFamilyMonospace: 'var(--mono)',
  defaultRadius: 8,
  fontSizes: { xs: '12px', sm: '14px', md: '14px', lg: '16px', xl: '18px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  headings: { fontWeight: '600' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  // By name: importing them here would bring every one of them into the first load.
  components: {
    ActionIcon: { defaultProps: { variant: 'subtle', size: 'input-sm', color: 'gray' } },
    Button: { defaultProps: { variant: 'default' }, styles: { root: { fontWeight: 500 } } },
    Checkbox: { defaultProps: { size: 'sm' } },
    Drawer: { defaultProps: { position: 'right', transitionProps: { duration: 120 } } },
    InputWrapper: { styles: { label: { fontWeight: 500, marginBottom: 4 }, error: { fontSize: 13 } } },
    Menu: { defaultProps: { position: 'bottom-end', transitionProps: { duration: 80 }, withinPortal: true } },
    Modal: { defaultProps: { centered: true, transitionProps: { duration: 120 }, radius: 12 } },
    PasswordInput: control,
    Popover: { defaultProps: { transitionProps: { duration: 80 } } },
    Select: control,
    Tabs: { styles: { tab: { minHeight: 'var(--control)' } } },
    Textarea: { defaultProps: { autosize: true, minRows: 3, maxRows: 14 } },
    TextInput: control,
    Tooltip: { defaultProps: { openDelay: 400, withArrow: false } },
  },
});

const fromTokens = {
  '--mantine-color-body': 'var(--surface)',
  '--mantine-color-text': 'var(--text)',
  '--mantine-color-dimmed': 'var(--muted)',
  '--mantine-color-bright': 'var(--text)',
  '--mantine-color-placeholder': 'var(--muted)',
  '--mantine-color-anchor': 'var(--accent)',
  '--mantine-color-error': 'var(--danger)',
  '--mantine-color-default': 'var(--surface)',
  '--mantine-color-default-hover': 'var(--sunken)',
  '--mantine-color-default-color': 'var(--text)',
  '--mantine-color-default-border': 'var(--border-strong)',
  '--mantine-color-disabled': 'var(--sunken)',
  '--mantine-color-disabled-color': 'var(--muted)',
  '--mantine-color-disabled-border': 'var(--border)',
  '--mantine-color-gray-filled': 'var(--muted)',
  '--mantine-color-gray-light': 'var(--sunken)',
  '--mantine-color-gray-light-hover': 'var(--border)',
  '--mantine-color-gray-light-color': 'var(--text-2)',
  '--mantine-color-gray-outline': 'var(--text-2)',
  '--mantine-color-gray-text': 'var(--text-2)',
  '--mantine-color-accent-text': 'var(--accent)',
  '--mantine-color-accent-filled': 'var(--accent-solid)',
  '--mantine-color-accent-filled-hover': 'var(--accent-solid-hover)',
  '--mantine-color-accent-light': 'var(--bubble-bot)',
  '--mantine-color-accent-light-hover': 'var(--bubble-bot)',
  '--mantine-color-accent-light-color': 'var(--bubble-bot-label)',
  '--mantine-color-accent-outline': 'var(--accent)',
  '--mantine-color-danger-text': 'var(--danger)',
  '--mantine-color-danger-filled': 'var(--danger-solid)',
  '--mantine-color-danger-light': 'var(--danger-soft)',
  '--mantine-color-danger-light-hover': 'var(--danger-soft)',
  '--mantine-color-danger-light-color': 'var(--danger)',
  '--mantine-color-danger-outline': 'var(--danger)',
  '--mantine-primary-color-filled': 'var(--accent-solid)',
  '--mantine-primary-color-filled-hover': 'var(--accent-solid-hover)',
  '--mantine-primary-color-light': 'var(--bubble-bot)',
  '--mantine-primary-color-light-hover': 'var(--bubble-bot)',
  '--mantine-primary-color-light-color': 'var(--bubble-bot-label)',
  '--table-border-color': 'var(--border)',
  '--mantine-shadow-md': 'var(--shadow)',
};

/** Where Mantine takes a grey by its number in the dark. */
const greys = [
  'text',
  'text-2',
  'muted',
  'border-strong',
  'border-strong',
  'sunken',
  'surface',
  'surface',
  'canvas',
  'canvas',
];
const darkGreys = Object.fromEntries(greys.map((token, shade) => [`--mantine-color-dark-${shade}`, `var(--${token})`]));

/** Mantine's own greys are too faint to read, so everything it shows is taken from the tokens. */
export const resolver: CSSVariablesResolver = () => ({
  variables: {},
  light: fromTokens,
  dark: { ...fromTokens, ...darkGreys },
});
