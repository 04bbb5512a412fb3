import { Alert, Button, Group, SegmentedControl, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { IconArrowBackUp } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isProblem } from '../api/problem'
import type { AuditEntryView } from '../api/types'
import { errorText, showDone, showError } from '../components/feedback'
import { impactPermissions, useCounting } from '../impact/impact'
import { ImpactOf } from '../impact/ImpactOf'
import { maySomewhere, meQuery } from '../project/me'
import { useMessages } from './texts/messages'
import { ChangeTable } from './ChangeTable'
import { restorable, restorationQuery, useRestore, type RestoreTo } from './restoreEntry'

// The drawer may be longer than the screen.
const show = (section: HTMLElement | null) => section?.scrollIntoView({ block: 'nearest' })

/** Brings a thing back to how it was before or after a change, after showing what that would change now. */
export function Restore({ org, entry }: { org: string; entry: AuditEntryView }) {
  const m = useMessages()
  const [open, setOpen] = useState(false)
  const [to, setTo] = useState<RestoreTo>(entry.after === null ? 'before' : 'after')
  const [reason, setReason] = useState('')
  const preview = useQuery({ ...restorationQuery(org, entry.id, to), enabled: open })
  const restore = useRestore(org, entry.id)
  const counting = useCounting({ org, project: entry.project ?? '' })
  const { data: me } = useQuery(meQuery)
  if (!restorable.includes(entry.entity) || entry.project === null || (entry.before === null && entry.after === null)) {
    return null
  }
  if (!open) {
    return (
      <Group>
        <Button variant="default" leftSection={<IconArrowBackUp size={17} aria-hidden />} onClick={() => setOpen(true)}>
          {m.audit.restore}
        </Button>
      </Group>
    )
  }
  return (
    <section ref={show} className="surface" style={{ padding: 14 }} aria-label={m.audit.restore}>
      <Stack gap="sm">
        <Text fw={650} size="sm">
          {m.audit.restoreTitle(entry.entityKey)}
        </Text>
        <SegmentedControl
          aria-label={m.audit.restoreTo}
          value={to}
          onChange={(value) => setTo(value as RestoreTo)}
          data={[
            { value: 'before', label: m.audit.asBefore, disabled: entry.before === null },
            { value: 'after', label: m.audit.asAfter, disabled: entry.after === null },
          ]}
        />
        {preview.isPending ? (
          <Skeleton height={80} />
        ) : preview.isError ? (
          <Alert variant="light" color="orange" role="alert">
            {isProblem(preview.error, 'not_restorable') ? `${m.audit.notRestorable} ${preview.error.message}` : errorText(preview.error, m)}
          </Alert>
        ) : preview.data.changes.length === 0 ? (
          <Alert variant="light" color="teal">
            {m.audit.alreadySo}
          </Alert>
        ) : (
          <>
            <Text size="sm" c="dimmed">
              {m.audit.wouldChange}
            </Text>
            <ChangeTable {...preview.data} hasMore={preview.data.hasMoreChanges} />
            {['flag', 'segment'].includes(entry.entity) && impactPermissions.some((permission) => maySomewhere(me, permission, { org, project: entry.project ?? '' })) && (
              <ImpactOf scope={{ org, project: entry.project }} question={{ restore: { entry: entry.id, to } }} />
            )}
            <TextInput
              label={m.common.reasonOptional}
              placeholder={m.common.reasonPlaceholder}
              value={reason}
              maxLength={1000}
              onChange={(event) => setReason(event.currentTarget.value)}
            />
          </>
        )}
        <Group>
          <Button
            disabled={!preview.data || preview.data.changes.length === 0 || counting}
            loading={restore.isPending}
            onClick={() =>
              restore.mutate(
                { to, reason: reason.trim() || undefined },
                {
                  onSuccess: () => {
                    setOpen(false)
                    showDone(m.audit.restored(entry.entityKey), m)
                  },
                  onError: (error) => showError(m.errors.title, error, m),
                },
              )
            }
          >
            {m.audit.restoreNow}
          </Button>
          <Button variant="default" onClick={() => setOpen(false)}>
            {m.common.cancel}
          </Button>
        </Group>
      </Stack>
    </section>
  )
}
