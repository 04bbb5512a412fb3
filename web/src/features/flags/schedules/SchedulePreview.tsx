import { Alert, List, Stack, Text } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import { useLanguage, useMessages } from '@/shared/i18n/messages'
import { useTimeZone } from '@/shared/project/timeZone'
import type { SchedulePreviewView } from '@/shared/schedules/api'
import { hereZone, zonedText } from '@/shared/schedules/zoned'
import { ProblemList } from '@/shared/targeting/ProblemList'

type Props = { preview: SchedulePreviewView; recurring: boolean; zone: string }

/** What a schedule will do, before it is made. */
export function SchedulePreview({ preview, recurring, zone }: Props) {
  const m = useMessages()
  const { language } = useLanguage()
  const here = useTimeZone() ?? hereZone()
  const text = (at: string) => zonedText(at, zone, language)
  return (
    <Stack gap="xs" aria-live="polite">
      {recurring && (
        <div>
          <Text size="sm" fw={600} mb={4}>
            {m.schedules.preview}
          </Text>
          {preview.windows.length === 0 && <Text size="sm">{m.schedules.previewEmpty}</Text>}
          {preview.isAlwaysOpen && (
            <Alert color="orange" variant="light" icon={<IconAlertTriangle />} mb={6}>
              {m.schedules.alwaysOpen}
            </Alert>
          )}
          <List size="sm" spacing={2} data-testid="windows">
            {preview.windows.map(({ from, to }) => (
              <List.Item key={from}>
                {text(from)} – {to === null ? '∞' : text(to)}
                {here !== zone && (
                  <Text span size="sm" c="dimmed">
                    {' '}
                    · {m.schedules.yours(zonedText(from, here, language, { weekday: 'short', hour: '2-digit', minute: '2-digit' }))}
                  </Text>
                )}
              </List.Item>
            ))}
          </List>
        </div>
      )}
      {preview.overlaps.map(({ schedule, name, from, to, wins }) => (
        <Alert key={schedule} color={wins ? 'orange' : 'gray'} variant="light" icon={<IconAlertTriangle />}>
          {(wins ? m.schedules.wins : m.schedules.loses)(name, `${text(from)} – ${text(to)}`)}
        </Alert>
      ))}
      {preview.problems.length > 0 && <ProblemList problems={preview.problems} />}
    </Stack>
  )
}
