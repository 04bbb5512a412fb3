import { ActionIcon, Autocomplete, Group, Select, Text, Tooltip } from '@mantine/core'
import { useMessages, type Messages } from '../i18n/messages'
import { useScope } from '../project/scope'
import classes from './ClauseEditor.module.css'
import type { ClauseNode } from './draft'
import { adaptValue, allOperators, canIgnoreCase, operatorsFor } from './operators'
import { SeenAgo } from './SeenAgo'
import { useAttributeChoices } from './useAttributeChoices'
import { ValueEditor } from './ValueEditor'

type Props = { node: ClauseNode; onChange: (part: Partial<ClauseNode>) => void }

/** One comparison: attribute, operator, value. Knows the project's attributes and offers what fits their type. */
export function ClauseEditor({ node, onChange }: Props) {
  const m = useMessages()
  const attributes = useAttributeChoices(useScope())
  const attribute = attributes.find(({ name }) => name === node.attribute)
  const choices = new Map(attributes.map((item) => [item.name, item]))
  const label = (operator: string) => m.operators[operator as keyof Messages['operators']] ?? operator

  const usual = operatorsFor(attribute?.type)
  const others = allOperators.filter((operator) => !usual.includes(operator))
  const options = (operators: string[]) => operators.map((operator) => ({ value: operator, label: label(operator) }))
  const operators =
    others.length === 0
      ? options(usual)
      : [
          { group: m.targeting.usualOperators, items: options(usual) },
          { group: m.targeting.otherOperators, items: options(others) },
        ]

  return (
      <div className={classes.clause}>
        <Autocomplete
          className={classes.attribute}
          aria-label={m.targeting.attribute}
          placeholder={m.targeting.attributePlaceholder}
          data={attributes.map(({ name }) => name)}
          value={node.attribute}
          maxDropdownHeight={260}
          comboboxProps={{ width: 340, position: 'bottom-start' }}
          classNames={{ input: 'mono' }}
          spellCheck={false}
          onChange={(name) => {
            const type = attributes.find((item) => item.name === name)?.type
            const operator = type === undefined || operatorsFor(type).includes(node.operator) ? node.operator : (operatorsFor(type)[0] ?? 'eq')
            onChange({ attribute: name, operator, value: adaptValue(node.value, operator, type) })
          }}
          renderOption={({ option }) => (
            <Group justify="space-between" wrap="nowrap" w="100%">
              <Text size="sm" className="mono" truncate>
                {option.value}
              </Text>
              <SeenAgo at={choices.get(option.value)?.seenAt} type={choices.get(option.value)?.type} />
            </Group>
          )}
        />
        <Select
          className={classes.operator}
          aria-label={m.targeting.operator}
          data={operators}
          value={node.operator}
          allowDeselect={false}
          searchable
          maxDropdownHeight={300}
          comboboxProps={{ width: 240, position: 'bottom-start' }}
          onChange={(operator) =>
            operator !== null &&
            onChange({
              operator,
              value: adaptValue(node.value, operator, attribute?.type),
              ignoreCase: node.ignoreCase && canIgnoreCase(operator),
            })
          }
        />
        <div className={classes.value}>
          <ValueEditor
            operator={node.operator}
            value={node.value}
            type={attribute?.type}
            suggestions={attribute?.values ?? []}
            seen={attribute?.seen}
            onChange={(value) => onChange({ value })}
          />
        </div>
        {canIgnoreCase(node.operator) && (attribute === undefined || attribute.type === 'string' || node.ignoreCase) && (
          <Tooltip label={m.targeting.ignoreCase}>
            <ActionIcon
              variant={node.ignoreCase ? 'light' : 'subtle'}
              color={node.ignoreCase ? 'brand' : 'gray'}
              size={36}
              fz={13}
              aria-label={m.targeting.ignoreCase}
              aria-pressed={node.ignoreCase}
              onClick={() => onChange({ ignoreCase: !node.ignoreCase })}
            >
              {'Aa'}
            </ActionIcon>
          </Tooltip>
        )}
      </div>
  )
}
