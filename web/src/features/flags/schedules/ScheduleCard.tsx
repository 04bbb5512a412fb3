import { ActionIcon, Badge, Group, Menu, Paper, Text, ThemeIcon, Tooltip } from '@mantine/core'
import { IconCalendarEvent, IconDots, IconEdit, IconPlayerPause, IconPlayerPlay, IconRepeat, IconTrash } from '@tabler/icons-react'
import type { EnvironmentView } from '@/shared/api/types'
import { useConfirm } from '@/shared/components/confirm'
import { showDone, showError } from '@/shared/components/feedback'
import { RelativeTime } from '@/shared/components/RelativeTime'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import type { ScheduleState, ScheduleView } from '@/shared/schedules/api'
import { scheduleSentence } from '@/shared/schedules/sentence'
import { requestOf, useScheduleActions } from './api'

type Props = { scope: Scope; environment: EnvironmentView; schedule: ScheduleView; decides: boolean; mayManage: boolean; onEdit: () => void }

const colors: Record<ScheduleState, string> = { waiting: 'brand', open: 'teal', paused: 'gray', done: 'gray', missed: 'orange', failed: 'red' }

/** One schedule as a sentence, with where it is and what can be done with it. */
export function ScheduleCard({ scope, environment, schedule, decides, mayManage, onEdit }: Props) {
  const m = useMessages()
  const { language } = useLanguage()
  const confirm = useConfirm()
  const { update, remove } = useScheduleActions(scope, schedule.flag, environment.key)
  const isOver = ['done', 'missed', 'failed'].includes(schedule.state) && schedule.happenedAt !== null
  const Icon = schedule.kind === 'once' ? IconCalendarEvent : IconRepeat
  const failed = (error: unknown) => showError(m.errors.title, error, m)

  const pause = () =>
    update.mutate(
      { schedule, body: { ...requestOf(schedule), enabled: !schedule.enabled } },
      { onSuccess: () => showDone(schedule.enabled ? m.schedules.paused(schedule.name) : m.schedules.resumed(schedule.name), m), onError: failed },
    )
  const erase = async () => {
    if (await confirm({ title: m.schedules.deleteTitle(schedule.name), text: m.schedules.deleteText, confirm: m.common.delete, danger: true })) {
      remove.mutate(schedule, { onSuccess: () => showDone(m.schedules.deleted(schedule.name), m), onError: failed })
    }
  }

  return (
    <Paper className="surface" p="sm" component="article" aria-label={schedule.name} data-schedule={schedule.id}>
      <Group wrap="nowrap" align="flex-start" gap="sm">
        <ThemeIcon variant="light" color={schedule.action === 'enable' ? 'teal' : schedule.action === 'disable' ? 'gray' : 'brand'} size={36}>
          <Icon size={20} stroke={1.7} aria-hidden />
        </ThemeIcon>
        <div style={{ flex: 1, minWidth: 0 }}>
          <Group gap={8}>
            <Text fw={600} style={{ overflowWrap: 'anywhere' }}>
              {schedule.name}
            </Text>
            <Badge variant="light" color={colors[schedule.state]} tt="none">
              {m.schedules.state[schedule.state]}
            </Badge>
            {schedule.priority !== 0 && (
              <Tooltip label={m.schedules.priorityHint}>
                <Badge variant="default" tt="none" fw={500}>
                  {m.schedules.priority}: {schedule.priority}
                </Badge>
              </Tooltip>
            )}
          </Group>
          <Text size="sm" mt={2} style={{ overflowWrap: 'anywhere' }}>
            {scheduleSentence(schedule, m, language)}
          </Text>
          {schedule.detail !== null && (
            <Text size="sm" c={schedule.state === 'done' ? 'dimmed' : 'var(--mantine-color-error)'} style={{ overflowWrap: 'anywhere' }}>
              {schedule.detail}
            </Text>
          )}
          <Text size="xs" c="dimmed" mt={2}>
            {schedule.happenedAt !== null ? (
              <RelativeTime at={schedule.happenedAt} />
            ) : schedule.state === 'waiting' ? (
              <>
                {m.schedules.next}: <RelativeTime at={schedule.at ?? schedule.window?.from ?? schedule.createdAt} />
              </>
            ) : schedule.state === 'open' && schedule.window?.to ? (
              <>
                {decides ? m.schedules.because(schedule.name) : m.schedules.state.open}, {m.schedules.to} <RelativeTime at={schedule.window.to} />
              </>
            ) : null}
          </Text>
        </div>
        {mayManage && (
          <Menu position="bottom-end" width={200}>
            <Menu.Target>
              <ActionIcon variant="subtle" color="gray" aria-label={`${m.common.more}: ${schedule.name}`}>
                <IconDots size={18} aria-hidden />
              </ActionIcon>
            </Menu.Target>
            <Menu.Dropdown>
              {!isOver && (
                <>
                  <Menu.Item leftSection={<IconEdit size={16} aria-hidden />} onClick={onEdit}>
                    {m.common.edit}
                  </Menu.Item>
                  <Menu.Item leftSection={schedule.enabled ? <IconPlayerPause size={16} aria-hidden /> : <IconPlayerPlay size={16} aria-hidden />} onClick={pause}>
                    {schedule.enabled ? m.schedules.pause : m.schedules.resume}
                  </Menu.Item>
                </>
              )}
              <Menu.Item color="red" leftSection={<IconTrash size={16} aria-hidden />} onClick={() => void erase()}>
                {m.common.delete}
              </Menu.Item>
            </Menu.Dropdown>
          </Menu>
        )}
      </Group>
    </Paper>
  )
}
