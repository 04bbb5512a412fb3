import { TextInput } from '@mantine/core'
import { useState } from 'react'
import { useMessages } from '../i18n/messages'
import { suggestKey } from './keys'

type Value = { name: string; key: string }
type Props = {
  value: Value
  onChange: (value: Value) => void
  nameLabel?: string
  namePlaceholder?: string
  keyPlaceholder?: string
  isKey: (key: string) => boolean
  keyHint: string
  longestKey?: number
  keyError?: string | null
}

/** A name, and a key that follows the name until the person writes one of their own. */
export function NameAndKey(props: Props) {
  const m = useMessages()
  const [ownKey, setOwnKey] = useState(false)
  const { value, onChange } = props
  const invalid = value.key !== '' && !props.isKey(value.key)
  return (
    <>
      <TextInput
        label={props.nameLabel ?? m.common.name}
        placeholder={props.namePlaceholder}
        value={value.name}
        data-autofocus
        onChange={(event) => {
          const name = event.currentTarget.value
          onChange({ name, key: ownKey ? value.key : suggestKey(name, props.longestKey) })
        }}
      />
      <TextInput
        label={m.common.key}
        description={m.common.keyForever}
        placeholder={props.keyPlaceholder}
        value={value.key}
        error={invalid ? props.keyHint : props.keyError}
        required
        withAsterisk={false}
        spellCheck={false}
        classNames={{ input: 'mono' }}
        onChange={(event) => {
          const key = event.currentTarget.value.trim()
          setOwnKey(key !== '')
          onChange({ ...value, key })
        }}
      />
    </>
  )
}
