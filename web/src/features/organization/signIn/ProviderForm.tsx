import { Button, Collapse, Group, Stack, Switch, TagsInput, Text, TextInput } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useState, type ReactNode } from 'react'
import { ApiProblem } from '@/shared/api/problem'
import { isSimpleKey } from '@/shared/components/keys'
import { NameAndKey } from '@/shared/components/NameAndKey'
import { KeptNote } from '@/shared/drafts/KeptNote'
import { useMessages } from '../texts/messages'
import type { ProviderBody } from '../api/providers'
import type { IdentityProviderView, ProviderKind } from '../api/types'
import { accessErrorText } from '../parts/accessError'
import { Section } from '../parts/Section'
import { fields, settingAt, type Field } from './fields'
import { MappingsEditor } from './MappingsEditor'
import { useProviderDraft } from './providerDraft'
import { SettingField } from './SettingField'
import { useTexts } from './texts/useTexts'

type Props = {
  org: string
  kind: ProviderKind
  provider?: IdentityProviderView
  busy: boolean
  error: unknown
  submit: string
  onSubmit: (body: ProviderBody & { key: string }) => void
  /** Something was typed or pressed in the form. */
  onTouch?: () => void
  children?: ReactNode
}

type FieldTexts = { label: string; hint?: string; choices?: Record<string, string> }

/** Everything about a provider that people set; the same for a new one and for one that is there. */
export function ProviderForm({ org, kind, provider, busy, error, submit, onSubmit, onTouch, children }: Props) {
  const m = useMessages()
  const t = useTexts()
  const { draft, set, setSetting, discard, restoredAt } = useProviderDraft(org, kind, provider)
  const { named, enabled, showOnLogin, domains, createPeople, settings, mappings } = draft
  const [secrets, setSecrets] = useState<Record<string, string>>({})
  const [advanced, setAdvanced] = useState(false)
  const interactive = kind !== 'scim'
  const known = error instanceof ApiProblem ? error.errors : []
  const faultAt = (path: string) => known.find((item) => item.path === path)?.message
  const shownFaults = fields[kind].map(pathOf).concat('/key', '/name', '/domains')
  const otherFaults = known.filter(({ path }) => !shownFaults.includes(path) && !path.startsWith('/mappings'))
  const texts = t.providerFields[kind] as Record<string, FieldTexts>

  const input = (field: Field) => (
    <SettingField
      key={field.name}
      field={field}
      texts={texts[field.name.replace('.', '_')] ?? { label: field.name }}
      error={faultAt(pathOf(field))}
      value={field.input === 'secret' ? secrets[field.name] : settingAt(settings, field.name)}
      secretSet={provider?.secrets[field.name]?.set}
      onChange={(value) =>
        field.input === 'secret'
          ? setSecrets({ ...secrets, [field.name]: String(value) })
          : setSetting(field.name, value)
      }
    />
  )
  const basic = fields[kind].filter((field) => !field.advanced)
  const more = fields[kind].filter((field) => field.advanced)
  const complete =
    isSimpleKey(named.key) &&
    fields[kind].every(({ name, required }) => {
      const value = settingAt(settings, name)
      return !required || (Array.isArray(value) ? value.length > 0 : value !== undefined && value !== '')
    }) &&
    mappings.every(({ match }) => match.trim() !== '')

  return (
    <form
      // On the way up: what is told on the way down draws the form again before the field has taken what was typed.
      onInput={onTouch}
      onClick={onTouch}
      onSubmit={(event) => {
        event.preventDefault()
        if (complete) {
          onSubmit({
            key: named.key,
            name: named.name.trim() || named.key,
            enabled,
            showOnLogin: interactive && showOnLogin,
            domains: interactive ? domains : [],
            createPeople,
            settings,
            secrets: Object.fromEntries(Object.entries(secrets).filter(([, value]) => value !== '')),
            mappings: mappings.map((mapping) => ({ ...mapping, match: mapping.match.trim() })),
          })
        }
      }}
    >
      <Stack>
        <KeptNote at={restoredAt} onDiscard={discard} />
        <Section title={t.providers.identity}>
          <Stack gap="sm" maw={560}>
            {provider === undefined ? (
              <NameAndKey
                value={named}
                onChange={(next) => set({ named: next })}
                namePlaceholder={t.providers.namePlaceholder}
                isKey={isSimpleKey}
                keyHint={m.common.keyInvalidSimple}
                keyError={faultAt('/key')}
              />
            ) : (
              <TextInput
                label={m.common.name}
                value={named.name}
                maxLength={200}
                error={faultAt('/name')}
                onChange={(event) => set({ named: { ...named, name: event.currentTarget.value } })}
              />
            )}
            <Switch label={t.providers.enabled} description={t.providers.enabledHint} checked={enabled} onChange={(event) => set({ enabled: event.currentTarget.checked })} />
          </Stack>
        </Section>
        {fields[kind].length > 0 && (
          <Section title={t.providers.connection} text={t.providers.connectionText[kind]}>
            <Stack gap="sm" maw={560}>
              {basic.map(input)}
              {more.length > 0 && (
                <>
                  <Group>
                    <Button
                      variant="subtle"
                      color="gray"
                      size="compact-sm"
                      aria-expanded={advanced}
                      leftSection={advanced ? <IconChevronDown size={15} aria-hidden /> : <IconChevronRight size={15} aria-hidden />}
                      onClick={() => setAdvanced(!advanced)}
                    >
                      {t.providers.advanced}
                    </Button>
                  </Group>
                  <Collapse expanded={advanced}>
                    <Stack gap="sm">{more.map(input)}</Stack>
                  </Collapse>
                </>
              )}
            </Stack>
          </Section>
        )}
        <Section title={t.providers.people} text={t.providers.peopleText[kind]}>
          <Stack gap="sm" maw={560}>
            <Switch
              label={t.providers.createPeople}
              description={t.providers.createPeopleHint}
              checked={createPeople}
              onChange={(event) => set({ createPeople: event.currentTarget.checked })}
            />
            {interactive && (
              <>
                <Switch
                  label={t.providers.showOnLogin}
                  description={t.providers.showOnLoginHint}
                  checked={showOnLogin}
                  onChange={(event) => set({ showOnLogin: event.currentTarget.checked })}
                />
                <TagsInput
                  label={t.providers.domains}
                  description={t.providers.domainsHint}
                  placeholder={domains.length === 0 ? 'example.com' : undefined}
                  value={domains}
                  error={faultAt('/domains')}
                  splitChars={[',', ' ', ';']}
                  onChange={(next) => set({ domains: next.map((domain) => domain.trim().toLowerCase().replace(/^@/, '')) })}
                />
              </>
            )}
          </Stack>
        </Section>
        <Section title={t.providers.mappings} text={t.providers.mappingsText}>
          <MappingsEditor
            org={org}
            value={mappings}
            onChange={(next) => set({ mappings: next })}
            error={known.filter(({ path }) => path.startsWith('/mappings')).map(({ message }) => message).join(' ') || undefined}
          />
        </Section>
        {error !== null && error !== undefined && (otherFaults.length > 0 || known.length === 0) && (
          <Text size="sm" c="var(--mantine-color-error)" role="alert">
            {otherFaults.length > 0 ? otherFaults.map(({ message }) => message).join(' ') : accessErrorText(error, m)}
          </Text>
        )}
        <Group>
          <Button type="submit" disabled={!complete} loading={busy}>
            {submit}
          </Button>
          {children}
        </Group>
      </Stack>
    </form>
  )
}

const pathOf = ({ name, input }: Field) => (input === 'secret' ? `/secrets/${name}` : `/settings/${name.replaceAll('.', '/')}`)
