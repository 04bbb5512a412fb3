import { Button, List } from '@mantine/core'
import { IconArchive, IconFlag3, IconZoomQuestion } from '@tabler/icons-react'
import { EmptyState } from '@/shared/components/EmptyState'
import { useMessages } from '@/shared/i18n/messages'

type Props = {
  /** Whether the project has flags at all. */
  any: boolean
  archived: boolean
  filtered: boolean
  onClear: () => void
  /** Absent where the person may not. */
  onCreate?: () => void
}

/** What stands in place of rows: how to begin, or how to see more. */
export function NoFlags({ any, archived, filtered, onClear, onCreate }: Props) {
  const m = useMessages()
  if (archived) {
    return (
      <EmptyState icon={IconArchive} title={m.flags.emptyArchived}>
        <Button variant="default" mt="sm" onClick={onClear}>
          {m.flags.clearFilters}
        </Button>
      </EmptyState>
    )
  }
  if (any && filtered) {
    return (
      <EmptyState icon={IconZoomQuestion} title={m.flags.nothingFound} text={m.flags.nothingFoundText}>
        <Button variant="default" mt="sm" onClick={onClear}>
          {m.flags.clearFilters}
        </Button>
      </EmptyState>
    )
  }
  return (
    <EmptyState icon={IconFlag3} title={m.flags.emptyTitle} text={m.flags.emptyText}>
      <List type="ordered" size="sm" spacing={4} mt="xs">
        <List.Item>{m.flagList.emptyStep1}</List.Item>
        <List.Item>{m.flagList.emptyStep2}</List.Item>
        <List.Item>{m.flagList.emptyStep3}</List.Item>
      </List>
      {onCreate && (
        <Button mt="sm" onClick={onCreate}>
          {m.flags.create}
        </Button>
      )}
    </EmptyState>
  )
}
