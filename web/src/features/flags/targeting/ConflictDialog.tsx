import { Alert, Button, Group, List, Modal, Stack, Text } from '@mantine/core'
import type { Configuration } from '@/shared/api/types'
import { showDone } from '@/shared/components/feedback'
import { useMessages, type Messages } from '@/shared/i18n/messages'
import { configurationOf } from '@/shared/targeting/configuration'
import { diffConfigurations, ruleTitle } from '@/shared/targeting/diff'
import { rebase, type Clash } from '@/shared/targeting/rebase'
import type { Versioned } from '../api/configuration'
import { ChangeList } from './ChangeList'
import type { WorkingCopy } from './useWorkingCopy'

type Props = { work: WorkingCopy; newer: Versioned; onClose: () => void }

/** Two people saved: shows what the other one changed and puts one's own changes on top, part by part. */
export function ConflictDialog({ work, newer, onClose }: Props) {
  const m = useMessages()
  const theirs = configurationOf(newer.body)
  const { clashes } = rebase(work.base, work.current, theirs)
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title={<Text fw={650}>{m.save.conflictTitle}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <Stack>
        <Text size="sm">{m.save.conflictText(newer.body.updatedBy?.name ?? m.common.somebody)}</Text>
        <ChangeList changes={diffConfigurations(work.base, theirs, m)} />
        {clashes.length > 0 && (
          <Alert color="orange" title={m.save.conflictClash}>
            <List size="sm">
              {clashes.map((clash, index) => (
                <List.Item key={index}>{clashText(clash, work.current, m)}</List.Item>
              ))}
            </List>
          </Alert>
        )}
        <Group justify="flex-end">
          <Button
            variant="default"
            onClick={() => {
              work.adopt(newer)
              onClose()
            }}
          >
            {m.save.takeTheirs}
          </Button>
          <Button
            data-autofocus
            onClick={() => {
              work.moveTo(newer)
              showDone(m.save.reapplied, m)
              onClose()
            }}
          >
            {m.save.reapply}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}

function clashText(clash: Clash, mine: Configuration, m: Messages): string {
  switch (clash.part) {
    case 'rule': {
      const index = mine.rules.findIndex(({ id }) => id === clash.id)
      const rule = mine.rules[index]
      return rule === undefined ? m.targeting.title : ruleTitle(rule, index, m)
    }
    case 'order':
      return m.targeting.title
    case 'default':
      return m.targeting.defaultRule
    case 'offVariant':
      return m.targeting.offVariant
    case 'targets':
      return m.targeting.individuals
    case 'prerequisites':
      return m.targeting.prerequisites
  }
}
