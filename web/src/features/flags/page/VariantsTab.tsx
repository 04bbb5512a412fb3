import { Button, Group, NativeSelect, Paper, Stack, Table, Text } from '@mantine/core'
import { useState } from 'react'
import type { FlagView } from '@/shared/api/types'
import { showDone, showError } from '@/shared/components/feedback'
import { variantColor } from '@/shared/components/variantColor'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { same } from '@/shared/targeting/same'
import { useFlagActions } from '../api/changeFlag'
import { areValid, fromDrafts, toDrafts } from '../variants/variantDrafts'
import { VariantsEditor } from '../variants/VariantsEditor'

type Props = { scope: Scope; flag: FlagView; etag: string }

export default function VariantsTab({ scope, flag, etag }: Props) {
  const m = useMessages()
  const canManage = useCan('flag.manage', scope) && flag.archivedAt === null
  const { change } = useFlagActions(scope, flag.key)
  const [drafts, setDrafts] = useState(() => toDrafts(flag.variants, flag.type))
  const [defaultVariant, setDefaultVariant] = useState(flag.defaultVariant)
  const [offVariant, setOffVariant] = useState(flag.offVariant)
  const valid = areValid(drafts, flag.type, m)
  const keys = drafts.map(({ key }) => key)
  const dirty =
    !valid ||
    !same(fromDrafts(drafts, flag.type), flag.variants) ||
    defaultVariant !== flag.defaultVariant ||
    offVariant !== flag.offVariant

  const save = () =>
    change.mutate(
      {
        change: {
          ...(flag.type === 'boolean' ? {} : { variants: fromDrafts(drafts, flag.type) }),
          defaultVariant,
          offVariant,
        },
        etag,
      },
      {
        onSuccess: () => showDone(m.variants.saved, m),
        onError: (error) => showError(m.flag.saveFailed, error, m),
      },
    )

  return (
    <Paper className="surface" p="md">
      <Stack gap="md">
        <Text size="sm" c="dimmed">
          {m.variants.hint}
        </Text>
        {flag.type === 'boolean' ? (
          <Table maw={480}>
            <Table.Tbody>
              {flag.variants.map(({ key, value }, index) => (
                <Table.Tr key={key}>
                  <Table.Td className="mono">
                    <Group gap={8}>
                      <span aria-hidden style={{ width: 10, height: 10, borderRadius: 3, background: variantColor(index) }} />
                      {key}
                    </Group>
                  </Table.Td>
                  <Table.Td className="mono">{String(value)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        ) : (
          <VariantsEditor type={flag.type} drafts={drafts} onChange={setDrafts} readOnly={!canManage} />
        )}
        <Group align="flex-start">
          <NativeSelect
            label={m.variants.default}
            disabled={!canManage}
            value={defaultVariant}
            onChange={(event) => setDefaultVariant(event.currentTarget.value)}
            data={keys}
            w={220}
          />
          <NativeSelect
            label={m.variants.off}
            disabled={!canManage}
            value={offVariant ?? ''}
            onChange={(event) => setOffVariant(event.currentTarget.value || null)}
            data={[{ value: '', label: m.variants.offNone }, ...keys]}
            w={260}
          />
        </Group>
        {canManage && (
          <Group>
            <Button onClick={save} disabled={!dirty || !valid} loading={change.isPending}>
              {m.variants.save}
            </Button>
          </Group>
        )}
      </Stack>
    </Paper>
  )
}
