import { TextInput } from '@mantine/core'
import { useMessages } from '../i18n/messages'

type Props = { wanted: string; value: string; onChange: (value: string) => void; autoFocus?: boolean }

/** Asks for a key to be typed before something that cannot be taken back, so that nobody does it to the wrong thing. */
export function TypeKey({ wanted, value, onChange, autoFocus = false }: Props) {
  const m = useMessages()
  return (
    <TextInput
      label={m.common.typeKey(wanted)}
      autoComplete="off"
      spellCheck={false}
      classNames={{ input: 'mono' }}
      data-autofocus={autoFocus || undefined}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value.trim())}
    />
  )
}
