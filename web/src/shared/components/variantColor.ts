const colors = ['#5b5bd6', '#12a594', '#e5801a', '#d6409f', '#3e8ed0', '#8e4ec6', '#46a758', '#d13415']

/** The colour of the n-th variant of a flag, the same wherever it is drawn. */
export function variantColor(index: number): string {
  return index < 0 ? 'var(--mantine-color-gray-6)' : (colors[index % colors.length] ?? '#5b5bd6')
}
