import { Button, Group, Radio, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { Dialog } from '@/shared/components/Dialog'
import { showDone } from '@/shared/components/feedback'
import { useMessages } from '@/shared/i18n/messages'
import { clashText } from '@/shared/targeting/clashText'
import { configurationOf } from '@/shared/targeting/configuration'
import { diffConfigurations } from '@/shared/targeting/diff'
import { clashId, rebase, type Clash, type Side } from '@/shared/targeting/rebase'
import type { Versioned } from '../api/configuration'
import { ChangeList } from './ChangeList'
import classes from './ConflictDialog.module.css'
import type { WorkingCopy } from './useWorkingCopy'

type Props = { work: WorkingCopy; newer: Versioned; onClose: () => void }

/**
 * Two people saved: shows what the other one changed, puts one's own changes on top of it, and asks only about what both
 * changed differently. The result is seen before it is taken.
 */
export function ConflictDialog({ work, newer, onClose }: Props) {
  const m = useMessages()
  const [chosen, setChosen] = useState<Record<string, Side>>({})
  const theirs = configurationOf(newer.body)
  const who = newer.body.updatedBy?.name ?? m.common.somebody
  const decide = (id: string): Side => (Object.hasOwn(chosen, id) ? (chosen[id] ?? 'mine') : 'mine')
  const { merged, clashes } = rebase(work.base, work.current, theirs, decide)
  const result = diffConfigurations(theirs, merged, m)
  return (
    <Dialog
      opened
      onClose={onClose}
      size="xl"
      title={<Text fw={650}>{m.save.conflictTitle}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <Stack>
        <section aria-label={m.merge.theirChanges(who)}>
          <Text size="sm" mb={6}>
            {m.save.conflictText(who)}
          </Text>
          <ChangeList changes={diffConfigurations(work.base, theirs, m)} />
        </section>
        {clashes.length > 0 && (
          <section aria-label={m.merge.clashes(clashes.length)}>
            <Text size="sm" fw={650} mb={6}>
              {m.merge.clashes(clashes.length)}
            </Text>
            <Stack gap="xs">
              {clashes.map((clash) => (
                <ClashChoice
                  key={clashId(clash)}
                  clash={clash}
                  who={who}
                  text={clashText(clash, work.base, work.current, theirs, m)}
                  side={decide(clashId(clash))}
                  onChoose={(side) => setChosen({ ...chosen, [clashId(clash)]: side })}
                />
              ))}
            </Stack>
          </section>
        )}
        <section aria-label={m.merge.result}>
          <Text size="sm" fw={650} mb={6}>
            {m.merge.result}
          </Text>
          {result.length === 0 ? (
            <Text size="sm" c="dimmed">
              {m.merge.nothingLeft}
            </Text>
          ) : (
            <ChangeList changes={result} />
          )}
        </section>
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
              work.moveTo(newer, decide)
              showDone(m.save.reapplied, m)
              onClose()
            }}
          >
            {m.save.reapply}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  )
}

type ChoiceProps = {
  clash: Clash
  who: string
  text: ReturnType<typeof clashText>
  side: Side
  onChoose: (side: Side) => void
}

function ClashChoice({ clash, who, text, side, onChoose }: ChoiceProps) {
  const m = useMessages()
  const options: { value: Side; label: string; text: string }[] = [
    { value: 'mine', label: m.merge.mine, text: text.mine },
    { value: 'theirs', label: who, text: text.theirs },
  ]
  return (
    <Radio.Group
      className={classes.clash}
      label={text.what}
      description={m.merge.before(text.before)}
      classNames={{ label: classes.what, description: classes.before }}
      value={side}
      onChange={(value) => onChoose(value as Side)}
      data-clash={clashId(clash)}
    >
      <div className={classes.sides}>
        {options.map((option) => (
          <Radio.Card key={option.value} value={option.value} className={classes.side} aria-label={`${option.label}: ${option.text}`}>
            <Group wrap="nowrap" align="flex-start" gap="xs">
              <Radio.Indicator />
              <div className={classes.words}>
                <Text size="xs" c="dimmed">
                  {option.label}
                </Text>
                <Text size="sm" className="mono">
                  {option.text}
                </Text>
              </div>
            </Group>
          </Radio.Card>
        ))}
      </div>
    </Radio.Group>
  )
}
