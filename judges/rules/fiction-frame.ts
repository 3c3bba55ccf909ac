import { re2 } from '../re2.ts'

/** As much as is asked about; frames stand at the start. */
const LOOKED_AT = 4000

const GIVEN_ROLE = re2(
  "(?i)^\\W*(?:you are (?:a|an)\\b|imagine (?:that )?you(?:[’']re| are)|suppose (?:that )?you|consider the following scenario|you have been (?:hired|asked|tasked)|as an? \\w+|let(?:[’']s| us) imagine)|\\b(?:for|in|writing) an? (?:\\w+ ){0,2}(?:movie|novel|film|screenplay|thriller)\\b|\\b(?:screenwriter|novelist)\\b",
)
const HARMFUL = re2(
  '(?i)\\b(?:malware|keylogger|ransomware|phishing|exploit(?:ing|s)?|hack(?:ing|er|s)?|bombs?|explosives?|weapons?|counterfeit\\w*|scams?|fraud\\w*|launder\\w*|blackmail\\w*|steal(?:ing)?|stolen|heroin|cocaine|meth(?:amphetamine)?|rape|drugs?|poison\\w*|kill(?:ing|er)?|murder\\w*|suicide|self-harm|violen(?:ce|t)|genocide|enslave\\w*|terroris[mt]\\w*|racis[mt]\\w*|sexist|hateful|discriminat\\w+|illegal\\w*|tax evasion|insider (?:trading|tips?)|cheat(?:ing)?|forg(?:e|ed|ing|ery)|fake news|misinformation|disinformation|conspiracy|hoax|manipulat\\w+|coerc\\w+|stalk\\w*|bully\\w*|harass\\w*|sexually|torture\\w*|arson|cannibal\\w*|vigilante|vulnerabilit\\w+|extort\\w*|defam\\w*|pira(?:cy|te\\w*)|deepfakes?|identity theft|shoplift\\w*|smuggl\\w*|traffick\\w*|ponzi|pyramid scheme|bribe\\w*)\\b',
)

/**
 * A part to play and a harmful matter. Together with a word that none of it is for real, that is how attack models dress up
 * a harmful request (PAIR, Chao et al. 2023); each alone is what novels, courses and news are made of.
 */
export function isFictionFrame(text: string): boolean {
  const start = text.slice(0, LOOKED_AT)
  return GIVEN_ROLE.test(start) && HARMFUL.test(start)
}
