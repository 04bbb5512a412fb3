import type { AnalysisTexts } from './en'

export const ru: AnalysisTexts = {
  applied: 'Сделано в черновике. Сохраните его, чтобы изменение вступило в силу.',
  notApplied: 'Черновик с тех пор изменился, посмотрите ещё раз.',
  problems: {
    contradiction: (v: Values) => `${v.second} не может выполняться вместе с ${v.first}.`,
    contradiction_unless_list: (v: Values) =>
      `${v.second} не может выполняться вместе с ${v.first}, если только у атрибута нет нескольких значений сразу. Если их не бывает, добавьте атрибут в каталог с его типом.`,
    never_holds: (v: Values) => `Это никогда не выполняется: ${v.condition}.`,
    always_holds: (v: Values) => `Это выполняется всегда, при любом контексте: ${v.condition}.`,
    redundant_condition: (v: Values) => `${v.condition} ничего не добавляет: это уже следует из ${v.because}.`,
    empty_list: (v: Values) => `Список оператора «${v.operator}» для «${v.attribute}» пуст.`,
    unknown_attribute: (v: Values) => `Атрибута «${v.attribute}» нет в каталоге.${v.suggestion ? ` Может быть, это «${v.suggestion}»?` : ''}`,
    attribute_type: (v: Values) => `${v.condition} не подходит атрибуту «${v.attribute}»: его тип в каталоге — ${v.type}.`,
    unreachable_rule: (v: Values) =>
      v.by ? `До правила ${v.rule} дело не доходит: правило ${v.by} выполняется всегда.` : `Условие правила ${v.rule} никогда не выполняется.`,
    shadowed_rule: (v: Values) =>
      `Правило ${v.rule} никогда не решает: когда оно выполняется, раньше выполняется правило ${v.by}${v.condition ? ` (${v.condition})` : ''}.`,
    reached_without_unit_only: (v: Values) =>
      `Правило ${v.rule} решает только для контекстов без «${v.attribute}»: все остальные попадают в распределение правила ${v.by}.`,
    default_unreachable: (v: Values) => `Значение по умолчанию никому не достаётся: за всех решает правило ${v.rules}.`,
    duplicate_variation: (v: Values) => `Вариант «${v.variant}» указан дважды; веса складываются.`,
    zero_weight: (v: Values) => `Вариант «${v.variant}» никому не достаётся: его вес ${v.weight} из ${v.sum}.`,
    degenerate_weights: (v: Values) => `Вес есть только у «${v.variant}»: это просто фиксированный вариант.`,
    weights_sum: (v: Values) => `Сумма весов ${v.sum}, а не ${v.whole}: ${v.shares}.`,
    no_off_variant: () => 'У флага нет варианта для выключенного состояния: вызывающий получит своё значение по умолчанию.',
    duplicate_target_key: (v: Values) => `Ключ «${v.key}» есть в списках дважды; действует первый.`,
    empty_key: () => 'Пустой ключ никогда не совпадает.',
    unused_variant: (v: Values) => `Вариант «${v.variant}» никогда не отдаётся.`,
    never_satisfied: (v: Values) => `Ни один вариант «${v.flag}» не подходит.`,
    prerequisite_never_met: (v: Values) =>
      ({
        off: `«${v.flag}» выключен и отдаёт «${v.serves}», а не «${v.wanted}»`,
        killed: `«${v.flag}» экстренно отключён и отдаёт «${v.serves}», а не «${v.wanted}»`,
        blocked: `«${v.flag}» ждёт того, чего не бывает, и отдаёт «${v.serves}», а не «${v.wanted}»`,
        opposed: `«${v.flag}» не может отдавать сразу «${v.wanted}» и «${v.serves}»`,
      })[v.why ?? ''] ?? `«${v.flag}» отдаёт только «${v.serves}», но никогда «${v.wanted}»`,
    prerequisite_always_met: (v: Values) => `«${v.flag}» отдаёт всем «${v.serves}»: это условие выполнено всегда.`,
    private_attribute: (v: Values) =>
      `Флаг виден клиентам, а ${v.segment ? `сегмент «${v.segment}»` : 'условие'} смотрит на закрытый атрибут «${v.attribute}»: браузерам и устройствам пришлось бы его передавать.`,
    empty_segment: (v: Values) => `В сегменте «${v.segment}» никого нет.`,
    unused_segment: (v: Values) => `Сегмент «${v.segment}» не используется ни одним флагом и ни одним сегментом.`,
    analysis_incomplete: (v: Values) =>
      `Здесь слишком много условий, чтобы сравнить все: без ответа осталось вопросов — ${v.questions}. Всё, что сообщено, верно, но это может быть не всё.`,
  },
  fixes: {
    remove_rule: (v: Values) => `Удалить правило ${v.rule}`,
    move_rule: (v: Values) => `Поставить правило ${v.rule} перед правилом ${v.first}`,
    remove_condition: (v: Values) => `Удалить ${v.condition}`,
    remove_second: (v: Values) => `Удалить ${v.second}`,
    remove_first: (v: Values) => `Удалить ${v.first}`,
    replace_by_everybody: () => 'Заменить на «для всех»',
    replace_by_exists: (v: Values) => `Проверять, есть ли «${v.attribute}»`,
    replace_attribute: (v: Values) => `Взять «${v.suggestion}»`,
    remove_prerequisite: (v: Values) => `Обойтись без «${v.flag}»`,
    remove_variation: (v: Values) => `Убрать «${v.variant}» из распределения`,
    serve_variant: (v: Values) => `Отдавать «${v.variant}»`,
    remove_key: () => 'Убрать здесь',
  },
}

type Values = Record<string, string>
