import { Table } from '@mantine/core'
import type { ReactNode } from 'react'
import { useResultTexts } from './texts/messages'

/** What a chart shows, as a table for whoever opens it. */
export function AsTable({ label, width, children }: { label: string; width: number; children: ReactNode }) {
  const { r } = useResultTexts()
  return (
    <details style={{ marginTop: 8 }}>
      <summary style={{ fontSize: 13, cursor: 'pointer' }}>{r.asTable}</summary>
      <div style={{ overflowX: 'auto' }} tabIndex={0} role="region" aria-label={label}>
        <Table horizontalSpacing="xs" verticalSpacing={4} fz="sm" aria-label={label} maw={width}>
          {children}
        </Table>
      </div>
    </details>
  )
}
