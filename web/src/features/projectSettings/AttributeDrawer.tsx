import { Button, Checkbox, Group, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core'
import { useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import type { AttributeType, AttributeView } from '@/shared/api/types'
import { SideDialog } from '@/shared/components/SideDialog'
import { showDone } from '@/shared/components/feedback'
import { isSegmentKey } from '@/shared/components/keys'
import { useMessages } from '@/shared/i18n/messages'
import { useCan } from '@/shared/project/me'
import type { Scope } from '@/shared/project/scope'
import { ListEditor } from '@/shared/targeting/ValueEditor'
import type { AttributeChoice } from '@/shared/targeting/useAttributeChoices'
import { useAttributeActions } from './api'
import { formErrorText, useVersion } from './useVersion'
import { AttributeUses } from './AttributeUses'

type Props = { scope: Scope; attribute: AttributeView | null; observed: AttributeChoice | undefined; canManage: boolean; onClose: () => void }

const types: AttributeType[] = ['string', 'number', 'boolean', 'date', 'semver', 'ip', 'array']

/** Describes an attribute of contexts, and tells what reads it. */
export function AttributeDrawer({ scope, attribute, observed, canManage, onClose }: Props) {
  const m = useMessages()
  const { create, change } = useAttributeActions(scope)
  const seesFlags = useCan('flag.view', scope)
  const [name, setName] = useState(attribute?.name ?? observed?.name ?? '')
  const [type, setType] = useState<AttributeType>(attribute?.type ?? observed?.type ?? 'string')
  const [description, setDescription] = useState(attribute?.description ?? '')
  const [values, setValues] = useState<string[]>(attribute?.values ?? [])
  const [isPrivate, setPrivate] = useState(attribute?.private ?? false)
  const [error, setError] = useState<unknown>(null)
  const version = useVersion(attribute?.version, error)
  const taken = isProblem(error) && error.status === 409 && attribute === null
  const badName = name !== '' && !isSegmentKey(name)

  const submit = () => {
    const body = { type, description: description.trim(), values, private: isPrivate }
    const done = {
      onSuccess: () => {
        showDone(attribute === null ? m.labels.created(name) : m.labels.saved(name), m)
        onClose()
      },
      onError: setError,
    }
    if (attribute === null) {
      create.mutate({ name, ...body }, done)
    } else {
      change.mutate({ name, version, body }, done)
    }
  }

  return (
    <SideDialog
      opened
      onClose={onClose}
      position="right"
      size="md"
      title={<Text fw={650}>{attribute === null ? m.attributes.create : attribute.name}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (canManage && isSegmentKey(name)) {
            submit()
          }
        }}
      >
        <Stack>
          {attribute === null && (
            <TextInput
              label={m.attributes.name}
              description={m.attributes.nameHint}
              placeholder={m.attributes.namePlaceholder}
              value={name}
              error={badName ? m.attributes.nameInvalid : taken ? m.labels.taken : null}
              classNames={{ input: 'mono' }}
              spellCheck={false}
              data-autofocus
              onChange={(event) => {
                setName(event.currentTarget.value.trim())
                setError(null)
              }}
            />
          )}
          <Select
            label={m.common.type}
            description={m.attributes.typeHint}
            data={types.map((value) => ({ value, label: m.attributes.types[value] }))}
            value={type}
            allowDeselect={false}
            disabled={!canManage}
            onChange={(value) => value !== null && setType(value)}
          />
          <Textarea
            label={m.common.description}
            value={description}
            disabled={!canManage}
            autosize
            minRows={2}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          {type !== 'boolean' && (
            <div>
              <Text size="sm" fw={500}>
                {m.attributes.declared}
              </Text>
              <Text size="xs" c="dimmed" mb={4}>
                {m.attributes.declaredHint}
              </Text>
              {canManage ? (
                <ListEditor
                  list={values}
                  type="string"
                  suggestions={observed?.values ?? []}
                  seen={observed?.seen}
                  placeholder={m.targeting.valuesPlaceholder}
                  label={m.attributes.declared}
                  onChange={(next) => setValues(next.map(String))}
                />
              ) : (
                <Text size="sm" className="mono">
                  {values.join(', ') || '–'}
                </Text>
              )}
            </div>
          )}
          <Checkbox
            label={m.attributes.private}
            description={m.attributes.privateHint}
            checked={isPrivate}
            disabled={!canManage}
            onChange={(event) => setPrivate(event.currentTarget.checked)}
          />
          {error !== null && !taken && (
            <Text size="sm" c="var(--mantine-color-error)" role="alert">
              {formErrorText(error, m)}
            </Text>
          )}
          {canManage && (
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {m.common.cancel}
              </Button>
              <Button type="submit" disabled={!isSegmentKey(name)} loading={create.isPending || change.isPending}>
                {attribute === null ? m.common.create : m.common.save}
              </Button>
            </Group>
          )}
        </Stack>
      </form>
      {attribute !== null && seesFlags && (
        <section aria-label={m.attributes.usedBy} style={{ marginTop: 'var(--mantine-spacing-lg)' }}>
          <Title order={3} size="h5" mb="xs">
            {m.attributes.usedBy}
          </Title>
          <AttributeUses scope={scope} name={attribute.name} />
        </section>
      )}
    </SideDialog>
  )
}
