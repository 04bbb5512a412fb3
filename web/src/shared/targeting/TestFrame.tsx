import { ActionIcon, Autocomplete, Button, Group, Paper, Stack, Text, TextInput, Title, Tooltip } from '@mantine/core'
import { IconDice3, IconPlus, IconX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useMessages } from '../i18n/messages'
import type { Scope } from '../project/scope'
import classes from './TestPanel.module.css'
import { useAttributeChoices } from './useAttributeChoices'
import type { TestContext } from './useTestContext'

type Props = { scope: Scope; title: string; hint: string; test: TestContext; onClose: () => void; children: ReactNode }

/** Where somebody is described to whom conditions are applied while they are edited; the answer stands below. */
export function TestFrame({ scope, title, hint, test, onClose, children }: Props) {
  const m = useMessages()
  const attributes = useAttributeChoices(scope)
  const { rows } = test
  return (
    <Paper className={classes.panel} component="section" aria-label={title}>
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Title order={2} size="h5">
          {title}
        </Title>
        <ActionIcon variant="subtle" color="gray" aria-label={m.test.close} onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </Group>
      <Text size="xs" c="dimmed" mb="sm">
        {hint}
      </Text>
      <Stack gap={8}>
        <TextInput
          label={m.test.targetingKey}
          placeholder={"user-123"}
          value={test.targetingKey}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          onChange={(event) => test.setTargetingKey(event.currentTarget.value)}
          rightSection={
            <Tooltip label={m.test.random}>
              <ActionIcon variant="subtle" color="gray" aria-label={m.test.random} onClick={() => test.setTargetingKey(`user-${Math.floor(Math.random() * 1e6)}`)}>
                <IconDice3 size={17} />
              </ActionIcon>
            </Tooltip>
          }
        />
        {rows.map(({ id, name, text, fixed }) => {
          const known = attributes.find((item) => item.name === name)
          const values = known?.type === 'boolean' ? ['true', 'false'] : (known?.values ?? []).map(String)
          return (
            <Group key={id} gap={6} wrap="nowrap" align="flex-end">
              {!fixed && (
                <Autocomplete
                  aria-label={m.test.attributeName}
                  placeholder={m.test.attributeName}
                  flex={1}
                  data={attributes.map((item) => item.name)}
                  value={name}
                  classNames={{ input: 'mono' }}
                  onChange={(next) => test.setRow(id, { name: next })}
                />
              )}
              <Autocomplete
                flex={1}
                label={fixed ? name : undefined}
                aria-label={fixed ? undefined : `${m.targeting.value} ${name}`}
                placeholder={known?.type ?? m.targeting.value}
                data={[...new Set(values)]}
                value={text}
                classNames={{ input: 'mono', label: 'mono' }}
                onChange={(next) => test.setRow(id, { text: next })}
              />
              {!fixed && (
                <ActionIcon variant="subtle" color="gray" mb={4} aria-label={m.test.removeAttribute(name)} onClick={() => test.removeRow(id)}>
                  <IconX size={15} />
                </ActionIcon>
              )}
            </Group>
          )
        })}
        <Button
          variant="subtle"
          size="compact-xs"
          style={{ alignSelf: 'flex-start' }}
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={test.addRow}
        >
          {m.test.addAttribute}
        </Button>
      </Stack>
      {children}
    </Paper>
  )
}
