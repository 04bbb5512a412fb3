import { Group, Kbd, Modal, SimpleGrid, Stack, Switch, Text, Title } from '@mantine/core'
import { Fragment, useState } from 'react'
import { useMessages } from '@/shared/i18n/messages'
import { commandKey, singleKeysWanted, wantSingleKeys } from './shortcuts'

/** Every shortcut, and the switch for those that are single keys. */
export default function ShortcutsSheet({ onClose }: { onClose: () => void }) {
  const m = useMessages()
  const [single, setSingle] = useState(singleKeysWanted)
  const s = m.shortcuts
  const groups: { title: string; keys: [string[], string][]; then?: boolean }[] = [
    { title: s.everywhere, keys: [[[commandKey(), 'K'], s.palette], [['?'], s.sheet]] },
    {
      title: s.goTo,
      then: true,
      keys: [
        [['G', 'F'], m.app.flags],
        [['G', 'S'], m.app.segments],
        [['G', 'E'], m.app.evaluate],
        [['G', 'N'], m.app.environments],
        [['G', 'A'], m.app.audit],
      ],
    },
    {
      title: s.flagList,
      keys: [
        [['J', 'K'], s.next],
        [['E'], s.openFlag],
        [['X'], s.select],
        [['⇧', 'X'], s.selectRange],
        [['T'], s.toggle],
        [['C'], s.copyKey],
        [['/'], s.search],
      ],
    },
    { title: s.editing, keys: [[['Esc'], s.close]] },
  ]
  return (
    <Modal opened onClose={onClose} size={680} title={<Text fw={650}>{s.title}</Text>} closeButtonProps={{ 'aria-label': m.common.close }}>
      <SimpleGrid cols={{ base: 1, xs: 2 }} spacing="xl" verticalSpacing="lg">
        {groups.map(({ title, keys, then }) => (
          <section key={title} aria-label={title}>
            <Title order={2} size="sm" mb="xs">
              {title}
            </Title>
            <Stack gap={8} component="dl" m={0}>
              {keys.map(([combination, text]) => (
                <Group key={text} justify="space-between" wrap="nowrap" gap="md">
                  <Text size="sm" component="dt">
                    {text}
                  </Text>
                  <Group component="dd" gap={5} wrap="nowrap" m={0}>
                    {combination.map((key, index) => (
                      <Fragment key={key}>
                        {index > 0 && then && (
                          <Text span size="xs" c="dimmed">
                            {s.then}
                          </Text>
                        )}
                        <Kbd>{key}</Kbd>
                      </Fragment>
                    ))}
                  </Group>
                </Group>
              ))}
            </Stack>
          </section>
        ))}
      </SimpleGrid>
      <Switch
        mt="xl"
        label={s.single}
        description={s.singleHint}
        checked={single}
        onChange={(event) => {
          wantSingleKeys(event.currentTarget.checked)
          setSingle(event.currentTarget.checked)
        }}
      />
    </Modal>
  )
}
