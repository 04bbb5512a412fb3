import { Button, Group, Skeleton, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconPlus, IconSearch } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useMessages } from '@/shared/i18n/messages'
import classes from './ProjectSettingsPage.module.css'

type Props = {
  title: string
  text: ReactNode
  /** What the button makes; nothing for those who may not. */
  create: string | null
  onCreate: () => void
  loading: boolean
  count: number
  search: string
  onSearch: (search: string) => void
  /** Instead of rows. */
  instead?: ReactNode
  children: ReactNode
}

/** Fewer are seen at a glance. */
const searchFrom = 8

/** A list of small things: what they are for, a search where there are many, and the way to make one. */
export function ListFrame({ title, text, create, onCreate, loading, count, search, onSearch, instead, children }: Props) {
  const m = useMessages()
  return (
    <section aria-label={title}>
      <Group justify="space-between" align="flex-start" mb="md" gap="sm">
        <div style={{ flex: '1 1 300px', minWidth: 0 }}>
          <Title order={2} size="h4">
            {title}
          </Title>
          <Text size="sm" c="dimmed" maw={680} component="div">
            {text}
          </Text>
        </div>
        {create !== null && (
          <Button leftSection={<IconPlus size={17} aria-hidden />} onClick={onCreate}>
            {create}
          </Button>
        )}
      </Group>
      {count >= searchFrom && (
        <TextInput
          type="search"
          mb="sm"
          maw={420}
          aria-label={m.common.search}
          placeholder={m.common.search}
          leftSection={<IconSearch size={16} aria-hidden />}
          value={search}
          onChange={(event) => onSearch(event.currentTarget.value)}
        />
      )}
      <div className="surface" style={{ overflow: 'clip' }}>
        {loading ? (
          <Stack gap={10} p="md" role="status" aria-label={m.common.loading}>
            <Skeleton height={40} />
            <Skeleton height={40} />
            <Skeleton height={40} />
          </Stack>
        ) : (
          (instead ?? <ul className={classes.rows}>{children}</ul>)
        )}
      </div>
    </section>
  )
}

/** Whether a search finds one of the texts. */
export const matches = (search: string, ...texts: string[]) => {
  const wanted = search.trim().toLowerCase()
  return texts.some((text) => text.toLowerCase().includes(wanted))
}
