type Part = { key: string; share: number; color: string }

/** Shares as a bar. It repeats what stands beside it in words, so it is hidden from screen readers. */
export function RolloutBar({ parts, height = 8 }: { parts: Part[]; height?: number }) {
  return (
    <div aria-hidden style={{ display: 'flex', gap: 2, height, borderRadius: 4, overflow: 'hidden', background: 'var(--togglr-border)' }}>
      {parts
        .filter(({ share }) => share > 0)
        .map(({ key, share, color }) => (
          <div key={key} style={{ flex: share, background: color, transition: 'flex 120ms ease-out' }} title={`${key} ${share / 100} %`} />
        ))}
    </div>
  )
}
