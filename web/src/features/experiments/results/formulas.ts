/** What a test computes, as docs/statistics.md has it, and whose it is. Formulas are the same in every language. */
export const formulas: Record<string, { formula: string; source: string }> = {
  chiSquare: { formula: 'z = (pT − pC) / √(p(1 − p)(1/nT + 1/nC)),  p = (xT + xC)/(nT + nC),  χ² = z²', source: 'Pearson 1900; Newcombe 1998 (10)' },
  fisherExact: { formula: 'p = Σ P(X = k)  over  P(X = k) ≤ P(X = xT),  X ~ Hypergeometric', source: 'Fisher 1935; Newcombe 1998 (10)' },
  welch: { formula: 't = (x̄T − x̄C)/SE,  SE² = s²T/nT + s²C/nC', source: 'Welch 1947; Satterthwaite 1946' },
  cuped: { formula: 'y′ = y − θ′(x − x̄),  Sxx·θ = Sxy,  t = (ȳ′T − ȳ′C)/SE', source: 'Deng, Xu, Kohavi & Walker 2013' },
  delta: { formula: 'R = Σm/Σd,  var = var(m)/d̄² + var(d)·m̄²/d̄⁴ − 2·cov(m, d)·m̄/d̄³', source: 'Deng, Knoblich & Lu 2018' },
  cupedDelta: { formula: 'R = Σm/Σd,  y = (m − R·d)/d̄,  y′ = y − θ′(x − x̄)', source: 'Deng, Knoblich & Lu 2018; Deng, Xu, Kohavi & Walker 2013' },
  stratified: { formula: 'Δ = Σ wₖ(ȳT,k − ȳC,k),  wₖ = nₖ/n,  SE² = Σ wₖ²(vT,k + vC,k) + (Σ wₖΔₖ² − Δ²)/n', source: 'Miratrix, Sekhon & Yu 2013' },
  quantile: { formula: 'SE² = ((Q_U − Q_L)/2z)²,  Q_U, Q_L at ν ± z√(ν(1 − ν)/n)', source: 'Deng, Knoblich & Lu 2018' },
}

/** The interval of the lift. */
export const fieller = '(mT − ρ·mC)² ≤ q²·(vT/nT + ρ²·vC/nC),  ρ − 1 = lift  (Fieller 1954)'

/** How each method licenses a p-value. */
export const methodSources: Record<string, string> = {
  pocock: 'Pocock 1977; Lan & DeMets 1989; Jennison & Turnbull 2000',
  obrienFleming: 'O’Brien & Fleming 1979; Lan & DeMets 1989; Jennison & Turnbull 2000',
  lanDeMets: '4·(1 − Φ(z_{1−α/4}/√t)), Lan & DeMets 1983, 1989',
  alwaysValid: 'Waudby-Smith et al. 2023',
}
