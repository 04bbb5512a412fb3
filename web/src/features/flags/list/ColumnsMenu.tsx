import { Button, Checkbox, Popover, Stack, Text } from '@mantine/core'
import { IconColumns3 } from '@tabler/icons-react'
import type { EnvironmentView } from '@/shared/api/types'
import { useMessages } from '@/shared/i18n/messages'
import { plainColumns, type Columns } from './columns'

type Props = { columns: Columns; environments: EnvironmentView[]; onChange: (columns: Columns) => void; onReset: () => void }

/** Which columns the list has. */
export default function ColumnsMenu({ columns, environments, onChange, onReset }: Props) {
  const m = useMessages()
  const shown = (environment: EnvironmentView) => columns.environments.some(({ key }) => key === environment.key)
  return (
    <Popover position="bottom-end" shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" leftSection={<IconColumns3 size={16} aria-hidden />}>
          {m.flagList.columns}
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label={m.flagList.columns}>
        <Stack gap={10}>
          {plainColumns.map((column) => (
            <Checkbox
              key={column}
              label={m.flagList.columnName[column]}
              checked={columns.plain.has(column)}
              onChange={(event) => {
                const plain = new Set(columns.plain)
                if (event.currentTarget.checked) {
                  plain.add(column)
                } else {
                  plain.delete(column)
                }
                onChange({ ...columns, plain })
              }}
            />
          ))}
          <Text size="xs" fw={600} c="dimmed" mt={4}>
            {m.flagList.switchesIn}
          </Text>
          <Stack gap={10} mah={220} style={{ overflowY: 'auto' }}>
            {environments.map((environment) => (
              <Checkbox
                key={environment.key}
                label={environment.name}
                checked={shown(environment)}
                onChange={(event) => {
                  const on = event.currentTarget.checked
                  onChange({ ...columns, environments: environments.filter((item) => (item.key === environment.key ? on : shown(item))) })
                }}
              />
            ))}
          </Stack>
          <Button variant="subtle" size="compact-sm" onClick={onReset}>
            {m.flagList.defaultColumns}
          </Button>
        </Stack>
      </Popover.Dropdown>
    </Popover>
  )
}
