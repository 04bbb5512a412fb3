import { Alert, Anchor, Button, Group, NativeSelect, Paper, Skeleton, Stack, Table, Text, Title } from '@mantine/core'
import { IconLock } from '@tabler/icons-react'
import { lazy, Suspense, useMemo, useState } from 'react'
import { ChangeRequested } from '@/shared/api/changeRequested'
import { ApiProblem, isProblem, type ProblemDetail } from '@/shared/api/problem'
import type { FlagView } from '@/shared/api/types'
import { showDone, showError } from '@/shared/components/feedback'
import { variantColor } from '@/shared/components/variantColor'
import { Clash } from '@/shared/drafts/Clash'
import { KeptNote } from '@/shared/drafts/KeptNote'
import { useEdits } from '@/shared/drafts/useEdits'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { useFlagActions } from '../api/changeFlag'
import { useSchemaFaults } from '../variants/schema/useSchema'
import { areValid, fromDrafts, toDrafts, valueError } from '../variants/variantDrafts'
import { VariantsEditor } from '../variants/VariantsEditor'

const CodeEditor = lazy(() => import('@/shared/components/CodeEditor'))

type Props = { scope: Scope; flag: FlagView; etag: string }

/** The values of a flag, what it serves by default, and what its JSON must look like. */
export default function VariantsTab({ scope, flag, etag }: Props) {
  const m = useMessages()
  const canManage = useCan('flag.manage', scope)
  const editable = canManage && flag.archivedAt === null
  const { change } = useFlagActions(scope, flag.key)
  const saved = useMemo(
    () => ({
      variants: toDrafts(flag.variants, flag.type),
      defaultVariant: flag.defaultVariant,
      offVariant: flag.offVariant,
      schema: flag.jsonSchema === null || flag.jsonSchema === undefined ? '' : JSON.stringify(flag.jsonSchema, null, 2),
    }),
    [flag],
  )
  const { values, set, changed, dirty, clashes, takeTheirs, discard, restoredAt } = useEdits(`variants ${scope.org}/${scope.project}/${flag.key}`, saved)
  const [refused, setRefused] = useState<ProblemDetail[]>([])
  const [withSchema, setWithSchema] = useState(false)
  const schemaError = values.schema.trim() === '' ? null : valueError('json', values.schema, m)
  const schemaFaults = useSchemaFaults(values.schema)
  const valid = areValid(values.variants, flag.type, m) && schemaError === null
  const keys = values.variants.map(({ key }) => key)
  const who = flag.updatedBy?.name ?? m.common.somebody
  const schemaProblems = useMemo(
    () =>
      schemaError !== null
        ? [{ path: null, severity: 'error' as const, message: schemaError }]
        : schemaFaults.length > 0
          ? schemaFaults
          : refused
              .filter(({ path }) => path.startsWith('/jsonSchema'))
              .map(({ path, message }) => ({ path: path.slice('/jsonSchema'.length), severity: 'error' as const, message })),
    [schemaError, schemaFaults, refused],
  )

  const save = () =>
    change.mutate(
      {
        change: {
          ...(changed.variants === undefined ? {} : { variants: fromDrafts(values.variants, flag.type) }),
          ...(changed.defaultVariant === undefined ? {} : { defaultVariant: values.defaultVariant }),
          ...('offVariant' in changed ? { offVariant: values.offVariant } : {}),
          ...(changed.schema === undefined ? {} : { jsonSchema: values.schema.trim() === '' ? null : JSON.parse(values.schema) }),
        },
        etag,
      },
      {
        onSuccess: () => {
          setRefused([])
          discard()
          showDone(m.variants.saved, m)
        },
        onError: (error) => {
          if (error instanceof ChangeRequested) {
            // The request keeps it from now on.
            discard()
          }
          setRefused(error instanceof ApiProblem ? error.errors : [])
          showError(m.flag.saveFailed, error, m, isProblem(error, 'precondition_failed') ? m.flag.changedMeanwhile : undefined)
        },
      },
    )

  return (
    <Stack gap="md">
      {!editable && (
        <Alert color="gray" icon={<IconLock />} py="xs">
          {flag.archivedAt !== null ? m.flag.archivedReadOnly : m.flag.mayNotEditFlag}
        </Alert>
      )}
      <KeptNote at={restoredAt} onDiscard={discard} />
      <Paper className="surface" p="md">
        <Stack gap="md">
          <Text size="sm" c="dimmed">
            {m.variants.hint}
          </Text>
          {clashes.includes('variants') && (
            <Clash who={who} field={m.variants.title} theirs={saved.variants.map(({ key, text }) => `${key}: ${text}`).join(', ')} onTakeTheirs={() => takeTheirs('variants')} />
          )}
          {flag.type === 'boolean' ? (
            <BooleanVariants flag={flag} />
          ) : (
            <VariantsEditor type={flag.type} drafts={values.variants} onChange={(next) => set('variants', next)} readOnly={!editable} refused={refused} schema={values.schema} />
          )}
          <Group align="flex-start">
            <NativeSelect
              label={m.variants.default}
              description={m.variants.defaultHint}
              disabled={!editable}
              value={values.defaultVariant}
              onChange={(event) => set('defaultVariant', event.currentTarget.value)}
              data={keys}
              w={260}
            />
            <NativeSelect
              label={m.variants.off}
              description={m.variants.offHint}
              disabled={!editable}
              value={values.offVariant ?? ''}
              onChange={(event) => set('offVariant', event.currentTarget.value || null)}
              data={[{ value: '', label: m.variants.offNone }, ...keys]}
              w={280}
            />
          </Group>
          {clashes.includes('defaultVariant') && (
            <Clash who={who} field={m.variants.default} theirs={saved.defaultVariant} onTakeTheirs={() => takeTheirs('defaultVariant')} />
          )}
          {clashes.includes('offVariant') && (
            <Clash who={who} field={m.variants.off} theirs={saved.offVariant ?? m.variants.offNone} onTakeTheirs={() => takeTheirs('offVariant')} />
          )}
        </Stack>
      </Paper>
      {flag.type === 'json' && (
        <Paper className="surface" p="md" component="section" aria-label={m.variants.schema}>
          <Title order={2} size="h5" mb={4}>
            {m.variants.schema}
          </Title>
          <Text size="sm" c="dimmed" mb="xs">
            {m.variants.schemaHint}
          </Text>
          {clashes.includes('schema') && <Clash who={who} field={m.variants.schema} theirs={saved.schema} onTakeTheirs={() => takeTheirs('schema')} />}
          {values.schema === '' && !withSchema ? (
            editable && (
              <Anchor component="button" size="sm" onClick={() => setWithSchema(true)}>
                {m.variants.addSchema}
              </Anchor>
            )
          ) : (
            <Suspense fallback={<Skeleton height={130} />}>
              <CodeEditor
                label={m.variants.schema}
                value={values.schema}
                onChange={(text) => set('schema', text)}
                problems={schemaProblems}
                readOnly={!editable}
                minHeight={130}
                maxHeight={420}
              />
            </Suspense>
          )}
          {schemaProblems.map(({ path, message }) => (
            <Text key={`${path} ${message}`} size="sm" c="var(--mantine-color-error)" mt={4}>
              {message}
            </Text>
          ))}
        </Paper>
      )}
      {editable && (
        <Group>
          <Button onClick={save} disabled={!dirty || !valid} loading={change.isPending}>
            {m.variants.save}
          </Button>
          {dirty && (
            <Button variant="default" onClick={discard}>
              {m.save.discard}
            </Button>
          )}
        </Group>
      )}
    </Stack>
  )
}

function BooleanVariants({ flag }: { flag: FlagView }) {
  return (
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
  )
}
