import { ActionIcon, Badge, Group, Text, Tooltip, UnstyledButton } from '@mantine/core'
import { IconCheck } from '@tabler/icons-react'
import { useRouter } from '@tanstack/react-router'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useReadInbox, type InboxItem } from '@/shared/inbox/inbox'
import { useTexts } from './texts/useTexts'

const colors = { review: 'orange', mention: 'grape', request: 'blue', owner: 'red', watch: 'gray' }

/** One thing in the inbox: opening it also reads it. */
export function InboxRow({ item, onOpen }: { item: InboxItem; onOpen?: () => void }) {
  const t = useTexts()
  const router = useRouter()
  const { readOne } = useReadInbox()
  const isUnread = item.readAt === null
  const open = () => {
    if (isUnread) {
      readOne.mutate(item.id)
    }
    onOpen?.()
    if (item.path !== null) {
      router.history.push(item.path)
    }
  }
  return (
    <Group wrap="nowrap" gap="xs" align="flex-start" px="md" py="sm" style={{ background: isUnread ? 'var(--mantine-color-default-hover)' : undefined }}>
      <UnstyledButton onClick={open} style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" fw={isUnread ? 600 : 400} style={{ overflowWrap: 'anywhere' }}>
          {item.summary}
        </Text>
        {item.reason !== null && item.reason !== '' && (
          <Text size="sm" c="dimmed" lineClamp={2} style={{ overflowWrap: 'anywhere' }}>
            {item.reason}
          </Text>
        )}
        <Group gap="xs" mt={2}>
          <Badge size="xs" variant="light" color={colors[item.concern]} tt="none">
            {t.concerns[item.concern]}
          </Badge>
          <Text size="xs" c="dimmed" component="span">
            <RelativeTime at={item.at} />
          </Text>
        </Group>
      </UnstyledButton>
      {isUnread && (
        <Tooltip label={t.readOne}>
          <ActionIcon variant="subtle" color="gray" aria-label={`${t.readOne}: ${item.summary}`} onClick={() => readOne.mutate(item.id)}>
            <IconCheck size={16} aria-hidden />
          </ActionIcon>
        </Tooltip>
      )}
    </Group>
  )
}
