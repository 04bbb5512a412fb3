import { Stack, Table, Text } from '@mantine/core'
import { lazy, Suspense } from 'react'
import type { EnvironmentView } from '@/shared/api/types'
import { useConfirm } from '@/shared/components/confirm'
import { showDone, showError } from '@/shared/components/feedback'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import type { Scope } from '@/shared/project/scope'
import { useToggleFlag } from './api/toggleFlag'

const GuardLine = lazy(() => import('@/shared/changes/GuardLine'))
const ReachLine = lazy(() => import('./reach/ReachLine'))

/** What of a flag is needed to switch it: a whole one has it, and one of the list. */
export type Switchable = {
  key: string
  name: string
  offVariant: string | null
  tags: readonly string[]
  environments: { [environment: string]: { serves: string } }
}

/** What a flag serves in words: its rules when it is on, its off variant when it is off. */
export function servesText(flag: Switchable, environment: string, enabled: boolean, m: Messages): string {
  const state = flag.environments[environment]
  return enabled ? (state?.serves ?? '') : (flag.offVariant ?? m.flags.callersDefault)
}

/** Toggles a flag; asks first in a critical environment; offers the way back afterwards. */
export function useToggleWithConfirmation(scope: Scope) {
  const m = useMessages()
  const confirm = useConfirm()
  const toggle = useToggleFlag(scope)

  const send = (flag: Switchable, environment: EnvironmentView, enabled: boolean, undoable: boolean) =>
    toggle.mutate(
      { flag: flag.key, environment: environment.key, enabled },
      {
        onError: (error) => showError(m.flags.toggleFailed(flag.key), error, m),
        onSuccess: () =>
          showDone(
            enabled ? m.flags.turnedOn(flag.key, environment.name) : m.flags.turnedOff(flag.key, environment.name),
            m,
            undoable ? () => send(flag, environment, !enabled, false) : undefined,
            <Suspense>
              <ReachLine scope={scope} flag={flag.key} environment={environment.key} change={Date.now()} />
            </Suspense>,
          ),
      },
    )

  return async (flag: Switchable, environment: EnvironmentView, enabled: boolean) => {
    if (environment.critical) {
      const off = flag.offVariant ?? m.flags.callersDefault
      const agreed = await confirm({
        title: enabled ? m.flags.confirmOnTitle(environment.name) : m.flags.confirmOffTitle(environment.name),
        confirm: enabled ? m.flags.turnOn : m.flags.turnOff,
        danger: !enabled,
        text: (
          <Stack gap="sm">
            <Text size="sm">
              {enabled
                ? m.flags.confirmOn(flag.name || flag.key, environment.name)
                : m.flags.confirmOff(flag.name || flag.key, environment.name, off)}
            </Text>
            <Table withTableBorder variant="vertical" layout="fixed">
              <Table.Tbody>
                <Table.Tr>
                  <Table.Th w={90}>{m.flags.now}</Table.Th>
                  <Table.Td className="mono">{servesText(flag, environment.key, !enabled, m)}</Table.Td>
                </Table.Tr>
                <Table.Tr>
                  <Table.Th>{m.flags.then}</Table.Th>
                  <Table.Td className="mono">{servesText(flag, environment.key, enabled, m)}</Table.Td>
                </Table.Tr>
              </Table.Tbody>
            </Table>
            <Suspense>
              <GuardLine scope={scope} environment={environment.key} tags={flag.tags} />
            </Suspense>
          </Stack>
        ),
      })
      if (!agreed) {
        return
      }
    }
    send(flag, environment, enabled, true)
  }
}
