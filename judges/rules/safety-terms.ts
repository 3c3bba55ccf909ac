/**
 * The shipped triggers: few, and such that hardly anybody writes them without meaning it. Whole phrases with their verb, no
 * single words: `bomb` and `suicide` stand in harmless texts all the time.
 */
export const SAFETY_CATEGORIES = ['self_harm', 'child_safety', 'weapons', 'violence', 'drugs'] as const
export type SafetyCategory = (typeof SAFETY_CATEGORIES)[number]

const list = (text: string) => text.split(';').map((term) => term.trim())
const each = (starts: string, ends: string) =>
  list(starts).flatMap((start) => list(ends).map((end) => `${start} ${end}`))

export const SAFETY_TERMS: Readonly<Record<SafetyCategory, readonly string[]>> = {
  self_harm: [
    ...each(
      'want to; going to; gonna; wanna; plan to; planning to; how to; ready to; decided to; way to; ways to',
      'kill myself; end my life; take my own life; hang myself',
    ),
    ...each('thinking of; thinking about; thoughts of', 'killing myself; ending my life; taking my own life'),
    ...each('want to; going to; how to; how do i; how can i; should i; way to; ways to; trying to', 'commit suicide'),
    ...list(
      "i am suicidal; i'm suicidal; i feel suicidal; feeling suicidal; i don't want to live anymore; i do not want to live anymore; i want to cut myself; painless way to die; painless suicide; go kill yourself; you should kill yourself; just kill yourself",
    ),
    ...list(
      'will mich umbringen; werde mich umbringen; möchte mich umbringen; mir das leben nehmen; ich will nicht mehr leben; bring dich um',
    ),
    ...list('je veux me suicider; je vais me suicider; envie de me suicider; mettre fin à mes jours; je veux me tuer'),
    ...list('quiero suicidarme; voy a suicidarme; quiero matarme; voy a matarme; quiero quitarme la vida'),
    ...list('voglio uccidermi; voglio suicidarmi; voglio togliermi la vita'),
    ...list('quero me matar; vou me matar; quero me suicidar; vou me suicidar'),
    ...list('wil zelfmoord plegen; ga zelfmoord plegen; mezelf van kant maken'),
    ...list('chcę się zabić; chcę popełnić samobójstwo; kendimi öldürmek istiyorum; intihar etmek istiyorum'),
    ...list('хочу покончить с собой; покончу с собой; хочу убить себя; хочу себя убить'),
    ...list('我想自杀; 我要自杀; 我想自殺; 我要自殺; 自殺したい; 자살하고 싶'),
  ],
  child_safety: list(
    'child porn; childporn; kiddie porn; kiddy porn; preteen porn; underage porn; sex with a child; sex with children; sex with a minor; sex with minors; have sex with kids; molest a child; molest children; molest kids; rape a child; rape children; nude children; naked pictures of children; nudes of minors; groom a child; groom children; lure a child; lure children; ' +
      'kinderporno; pédopornographie; pornographie infantile; pornografía infantil; pedopornografia; pornografia infantil; детское порно; детская порнография; 儿童色情; 兒童色情; 児童ポルノ; 아동 포르노',
  ),
  weapons: [
    ...each(
      'make; making; build; building; assemble; construct',
      'a bomb; a pipe bomb; a nail bomb; a car bomb; a dirty bomb; a letter bomb; a pressure cooker bomb; an ied; explosives; a molotov cocktail; molotov cocktails; a chemical weapon; a biological weapon; nerve gas; mustard gas; napalm; sarin; ricin; tatp; a ghost gun',
    ),
    ...list(
      'synthesize sarin; synthesise sarin; synthesize tatp; synthesize nerve gas; produce ricin; extract ricin; weaponize anthrax; weaponise anthrax; enrich uranium at home; 3d print a gun; 3d-print a gun; bomb-making instructions; bomb making instructions',
    ),
    ...list(
      'eine bombe bauen; baue ich eine bombe; baut man eine bombe; rohrbombe bauen; sprengstoff selbst herstellen',
    ),
    ...list(
      'fabriquer une bombe; fabriquer des explosifs; fabricar una bomba; hacer una bomba casera; fabricar explosivos',
    ),
    ...list('costruire una bomba; fabbricare una bomba; fazer uma bomba caseira; fabricar uma bomba; een bom maken'),
    ...list('сделать бомбу; собрать бомбу; изготовить взрывчатку; 制造炸弹; 制作炸弹; 製造炸彈; 爆弾の作り方'),
  ],
  violence: [
    ...each(
      "i will; i'm going to; i am going to; i'm gonna; want to",
      'shoot up the school; shoot up my school; shoot up a school; kill my wife; kill my husband; kill my boss; kill my parents; kill my neighbor',
    ),
    ...each(
      'how to; how do i; how can i',
      'poison someone; poison my wife; poison my husband; kill my wife; kill my husband; kill someone without getting caught; kill someone and get away; hire a hitman; murder someone',
    ),
    ...list(
      'gas the jews; kill all jews; kill all muslims; kill all gays; kill all blacks; kill all immigrants; kill all christians',
    ),
  ],
  drugs: each(
    'make; making; cook; cooking; synthesize; synthesizing; synthesise; recipe for',
    'meth; crystal meth; methamphetamine; fentanyl; heroin; crack cocaine; mdma; lsd',
  ),
}

/** Harmless phrases that hold a trigger. */
export const SAFETY_ALLOWED: readonly string[] = list(
  'a bomb shelter; a bomb calorimeter; a bomb cyclone; explosives detector',
)
