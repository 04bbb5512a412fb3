import { createTheme, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core'

const brand: MantineColorsTuple = [
  '#eef0ff', '#dfe1fe', '#c1c4fb', '#a0a4f8', '#8487f4', '#6f70f0', '#5b5bd6', '#4f4bc4', '#433fa8', '#37348a',
]

const dark: MantineColorsTuple = [
  '#e4e7ec', '#b9c0cc', '#98a1b1', '#6b7587', '#394150', '#2b323f', '#1f252f', '#161b23', '#11151b', '#0c0f14',
]

export const theme = createTheme({
  colors: { brand, dark },
  primaryColor: 'brand',
  // White on it has a contrast of at least 4.5 : 1 in both schemes.
  primaryShade: 6,
  fontFamily: "'Inter Variable', system-ui, sans-serif",
  fontFamilyMonospace: "'JetBrains Mono Variable', ui-monospace, monospace",
  headings: { fontFamily: "'Inter Variable', system-ui, sans-serif", fontWeight: '650' },
  defaultRadius: 'md',
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' } },
    // The placeholder that would take the focus is no item, and only items may stand in a menu: the first of them takes it.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false } },
    // Inside a dialogue a header is no banner of the page.
    Drawer: { defaultProps: { attributes: { header: { role: 'presentation' } } } },
    Modal: { defaultProps: { attributes: { header: { role: 'presentation' } }, centered: true, overlayProps: { blur: 2, backgroundOpacity: 0.45 } } },
    Tooltip: { defaultProps: { withArrow: true, openDelay: 250, events: { hover: true, focus: true, touch: false } } },
  },
})

/** Text colours that keep a contrast of 4.5 : 1 in both schemes, which the library's own dimmed grey does not. */
export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-dimmed': '#566070',
    '--mantine-color-placeholder': '#6a7384',
    '--mantine-color-error': '#c92a2a',
    '--mantine-color-red-outline': '#c92a2a',
    '--mantine-color-anchor': '#4f4bc4',
    '--mantine-color-body': '#ffffff',
    '--mantine-color-teal-light-color': '#05614a',
    '--mantine-color-orange-light-color': '#9a3412',
    '--togglr-canvas': '#f6f7f9',
    '--togglr-border': '#e3e6eb',
    '--togglr-hover': '#f3f4f8',
    '--togglr-subtle': '#f3f4f7',
  },
  dark: {
    '--mantine-color-dimmed': '#98a1b1',
    '--mantine-color-placeholder': '#8a93a4',
    '--mantine-color-error': '#ff8787',
    '--mantine-color-red-outline': '#ff8787',
    // Dark enough for the dimmed second line of an item.
    '--menu-item-hover': 'var(--mantine-color-dark-5)',
    '--mantine-color-anchor': '#a0a4f8',
    '--mantine-color-body': '#161b23',
    '--togglr-canvas': '#11151b',
    '--togglr-border': '#2b323f',
    '--togglr-hover': '#1c222c',
    '--togglr-subtle': '#1c222c',
  },
})
