import {
  Button,
  Group,
  Input,
  MultiSelect,
  NativeSelect,
  SimpleGrid,
  Stack,
  Switch,
  Text,
  Textarea,
  UnstyledButton,
} from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { isProblem } from '@/shared/api/problem'
import type { FlagKind, FlagType } from '@/shared/api/types'
import { SideDialog } from '@/shared/components/SideDialog'
import { showDone, showError } from '@/shared/components/feedback'
import { FlagTypeIcon } from '@/shared/components/FlagTypeIcon'
import { isFlagKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { useMessages } from '@/shared/i18n/messages'
import { categoriesQuery, tagsQuery } from '@/shared/project/catalogue'
import type { Scope } from '@/shared/project/scope'
import { useCreateFlag } from '../api/createFlag'
import { areValid, fromDrafts, startingDrafts } from '../variants/variantDrafts'
import { VariantsEditor } from '../variants/VariantsEditor'
import classes from './CreateFlagDrawer.module.css'

type Props = { scope: Scope; onClose: () => void; onCreated: (key: string) => void }

const types: FlagType[] = ['boolean', 'string', 'number', 'json']

export default function CreateFlagDrawer({ scope, onClose, onCreated }: Props) {
  const m = useMessages()
  const create = useCreateFlag(scope)
  const { data: tags = [] } = useQuery(tagsQuery(scope))
  const { data: categories = [] } = useQuery(categoriesQuery(scope))
  const [identity, setIdentity] = useState({ name: '', key: '' })
  const [description, setDescription] = useState('')
  const [type, setType] = useState<FlagType>('boolean')
  const [kind, setKind] = useState<FlagKind>('release')
  const [drafts, setDrafts] = useState(() => startingDrafts('boolean'))
  const [chosenTags, setChosenTags] = useState<string[]>([])
  const [category, setCategory] = useState('')
  const [clientVisible, setClientVisible] = useState(false)
  const ready = isFlagKey(identity.key) && areValid(drafts, type, m)

  const submit = () =>
    create.mutate(
      {
        key: identity.key,
        name: identity.name.trim() || identity.key,
        description: description.trim(),
        type,
        kind,
        variants: type === 'boolean' ? undefined : fromDrafts(drafts, type),
        category: category || null,
        tags: chosenTags,
        clientVisible,
      },
      {
        onSuccess: (flag) => {
          showDone(m.createFlag.created(flag.name || flag.key), m)
          onClose()
          onCreated(flag.key)
        },
        onError: (error) => {
          if (!isProblem(error, 'already_exists')) {
            showError(m.errors.title, error, m)
          }
        },
      },
    )

  return (
    <SideDialog
      opened
      onClose={onClose}
      position="right"
      size={560}
      title={<Text fw={650}>{m.createFlag.title}</Text>}
      closeButtonProps={{ 'aria-label': m.common.close }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) {
            submit()
          }
        }}
      >
        <Stack>
          <NameAndKey
            value={identity}
            onChange={(next) => {
              create.reset()
              setIdentity(next)
            }}
            namePlaceholder={m.createFlag.namePlaceholder}
            keyPlaceholder={m.createFlag.keyPlaceholder}
            isKey={isFlagKey}
            keyHint={m.common.keyInvalid}
            longestKey={100}
            keyError={isProblem(create.error, 'already_exists') ? m.createFlag.keyTaken : null}
          />
          <Textarea
            label={m.common.description}
            autosize
            minRows={2}
            value={description}
            onChange={(event) => setDescription(event.currentTarget.value)}
          />
          <div role="radiogroup" aria-label={m.common.type}>
            <Input.Label component="div" mb={4}>
              {m.common.type}
            </Input.Label>
            <SimpleGrid cols={2} spacing="xs">
              {types.map((item) => (
                <UnstyledButton
                  key={item}
                  role="radio"
                  aria-checked={item === type}
                  className={classes.type}
                  onClick={() => {
                    setType(item)
                    setDrafts(startingDrafts(item))
                  }}
                >
                  <Group gap="xs" wrap="nowrap" align="flex-start">
                    <FlagTypeIcon type={item} />
                    <div>
                      <Text size="sm" fw={600}>
                        {m.flagTypes[item]}
                      </Text>
                      <Text size="xs" c="dimmed">
                        {m.flagTypeHints[item]}
                      </Text>
                    </div>
                  </Group>
                </UnstyledButton>
              ))}
            </SimpleGrid>
          </div>
          <div>
            <Input.Label component="div" mb={4}>
              {m.createFlag.variants}
            </Input.Label>
            <VariantsEditor type={type} drafts={drafts} onChange={setDrafts} />
          </div>
          <NativeSelect
            label={m.common.kind}
            description={m.flagKindHints[kind]}
            value={kind}
            onChange={(event) => setKind(event.currentTarget.value as FlagKind)}
            data={Object.entries(m.flagKinds).map(([value, label]) => ({ value, label }))}
          />
          <Group grow align="flex-start">
            <MultiSelect
              label={m.common.tags}
              placeholder={chosenTags.length === 0 ? m.createFlag.tagsPlaceholder : undefined}
              value={chosenTags}
              onChange={setChosenTags}
              data={tags.map(({ key, name }) => ({ value: key, label: name }))}
              searchable
            />
            <NativeSelect
              label={m.common.category}
              value={category}
              onChange={(event) => setCategory(event.currentTarget.value)}
              data={[{ value: '', label: m.common.none }, ...categories.map(({ key, name }) => ({ value: key, label: name }))]}
            />
          </Group>
          <Switch
            label={m.createFlag.clientVisible}
            description={m.createFlag.clientVisibleHint}
            checked={clientVisible}
            onChange={(event) => setClientVisible(event.currentTarget.checked)}
          />
          <Group justify="flex-end" className={classes.actions}>
            <Button variant="default" onClick={onClose}>
              {m.common.cancel}
            </Button>
            <Button type="submit" disabled={!ready} loading={create.isPending}>
              {m.createFlag.submit}
            </Button>
          </Group>
        </Stack>
      </form>
    </SideDialog>
  )
}
