import { Button, Menu } from '@mantine/core'
import { IconChevronDown, IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import type { AuditFilter } from '@/shared/audit/listAudit'
import { showError } from '@/shared/components/feedback'
import { useMessages } from '@/shared/audit/texts/messages'
import { exportAudit, type ExportFormat } from './exportAudit'

export function ExportMenu({ org, filter }: { org: string; filter: AuditFilter }) {
  const m = useMessages()
  const [busy, setBusy] = useState(false)
  const save = async (format: ExportFormat) => {
    setBusy(true)
    try {
      await exportAudit(org, filter, format)
    } catch (error) {
      showError(m.errors.title, error, m)
    } finally {
      setBusy(false)
    }
  }
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Button
          variant="default"
          loading={busy}
          leftSection={<IconDownload size={17} aria-hidden />}
          rightSection={<IconChevronDown size={15} aria-hidden />}
        >
          {m.audit.export}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{m.audit.exportHint}</Menu.Label>
        <Menu.Item onClick={() => void save('csv')}>{m.audit.exportCsv}</Menu.Item>
        <Menu.Item onClick={() => void save('ndjson')}>{m.audit.exportNdjson}</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
