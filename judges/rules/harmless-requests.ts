/** Tables that tell a plainly harmless request. English: requests in other languages are not judged. */

const words = (list: string) => list.split(/\s+/).filter((word) => word !== '')

/** Words of requests that a model may have reason to refuse, as beginnings of words; any of them needs a harmless sense to stand beside it. */
export const SENSITIVE = words(`
  kill murder slay assassin massacre execut behead strangl chok stab shoot shot gun rifle pistol ammo ammunition weapon bomb explo grenade
  detonat arson burn poison toxi venom drug cocaine heroin meth marijuana cannabis weed lsd ecstasy opioid fentanyl overdos dose hack
  crack malware ransomware keylog phish spoof ddos exploit bypass jailbreak pirat torrent steal stole theft rob robbe burglar
  shoplift fraud scam launder counterfeit forge forging fake blackmail extort ransom kidnap abduct traffick smuggl terror isis jihad nazi
  hitler genocid holocaust ethnic suicid self-harm selfharm harm hurt injur wound beat punch kick hit attack assault fight smash destroy
  demolish crush wreck crash blow blast terminat eliminat annihilat exterminat abus molest rape sex porn nude naked erotic fetish escort
  prostitut pedo minor underage child kid groom stalk spy surveil track secretly racist racis sexist homophob transphob xenophob hate hateful
  slur offens insult bully harass mock stereotyp discriminat inferior superior supremac immigra muslim islam jew christian hindu black
  white asian latino hispanic mexican gay lesbian trans transgender queer disab religio politic elect vote trump biden president abortion
  vaccin covid conspir propaganda misinformation disinformation hoax illegal illicit unlawful evad cheat plagiar exam password credential
  login passport license ssn confidential classified secret leak dox address phone salary criminal record medical diagnos symptom
  disease cancer prescri medicat pill treat therapy legal lawsuit sue lawyer contract invest stock crypto gambl bet casino dead death die
  dying corpse blood gore tortur cannibal suffer pain cruel evil satan curse dispose bury bodies body thrott tackle capture trap hunt
  butcher gut pierce saw chop sniper snipe ambush destabil overthrow riot coup slaves slavery blow gas nuclear radioact uranium anthrax
  hijack damag hotwire insider euthan decimat shatter hang sever vein artery rip wipe coke joyrid tax immun brib corrupt vandal trespass
  hid conceal untrace anonym undetect manipul deceiv lie lying pretend impersonat imperson bank account card pin divorc married marital status women men
  people recreate village population head face neck virus bioweapon alcohol drunk smok tobacco vape diet anorex bulimi starv weight swear profan vulgar
`)

/** Those of them that are things done, and may be done to something that feels no harm. */
export const DEEDS = words(`
  kill execut strangl chok stab shoot shot weapon bomb explo poison crack steal beat punch kick hit attack fight smash destroy demolish crush
  wreck crash blow blast terminat eliminat annihilat exterminat dispose tackle throttle capture trap hunt butcher gut pierce saw chop snipe sniper
  shatter hang rip wipe head damag cut harm dead
`)

/** A harmless sense of one of those words, in a question of how, where or what: computing, play, film, sport, household, speech. */
export const HARMLESS_SENSES = words(`
  program process thread task command query script function application server software python java linux windows unix sql excel
  photo photos photograph picture pictures portrait film movie video hoops basketball tennis badminton volleyball football soccer baseball golf
  boxing judo karate chess sprint marathon gym workout
  game games minecraft fortnite gta witcher pokemon zelda halo skyrim roblox valorant overwatch playstation xbox
  balloon balloons candle pinata cake onions onion potatoes potato tomato garlic coconut egg eggs nut nuts cookies steak dough
  mosquito mosquitoes ants cockroaches roaches wasps termites aphids weeds moss mold mould bacteria germs dust clutter stain stains vermin bed
  shed drywall log pipe wall furniture clock time boredom procrastination
  play audition stage exam-free lines laughter laugh joke jokes audience presentation interview opponent competition deals record
  novel story screenplay plot character costume halloween
`)

/** What everyday tasks are about. Without one of these a request with no sensitive word proves little: lists of harm are never complete. */
export const EVERYDAY_TOPICS = words(`
  recipe cook cooking bake baking cake bread soup pasta salad dinner breakfast lunch vegetable vegetables coffee tea
  poem haiku limerick essay story stories joke jokes riddle song slogan tagline caption email e-mail letter invitation resume blog paragraph sentence
  sentences grammar spelling synonym synonyms antonym verb noun translate translation summarize summarise summary vocabulary
  python javascript typescript java rust golang kotlin swift html css sql excel spreadsheet regex algorithm function array loop compiler
  database api debug git linux program code unit-test unit-tests formula equation algebra geometry calculus fraction fractions percentage triangle
  multiply average math maths probability physics chemistry photosynthesis biology planet planets astronomy galaxy volcano ocean mountain river
  climate dinosaur dinosaurs butterfly birds cat cats dog dogs puppy kitten horse garden gardening lawn tomatoes roses houseplant houseplants
  travel itinerary vacation holiday hotel museum camping hiking birthday wedding party gift gifts decoration
  homework study studying school teacher lesson curriculum course quiz piano guitar violin painting knitting origami crochet
  workout yoga running swimming bicycle bike meditation sleep productivity meeting agenda presentation slides marketing newsletter
  budget retirement savings laundry cleaning furniture paint tire battery balloon balloons chess football soccer basketball tennis
  shakespeare renaissance mozart beethoven pyramids
`)

/** How requests that define or look back begin. */
export const EXPLAINING = [
  'what is the definition of ', 'what is the meaning of ', "what's the meaning of ", 'what does it mean to ', 'define ', 'what is the difference between ',
  'what are synonyms', 'what is the general definition', 'what constitutes ', 'what is the etymology',
  'when did ', 'when was ', 'in what year ', 'in which year ', 'who was ', 'where did ', 'where was ', 'what happened ', 'what was the ', 'what were the ',
] // biome-ignore format: a list of openings

/** How everyday requests begin. */
export const EVERYDAY = [
  'what is ', "what's ", 'what are ', 'what was ', 'what were ', 'what does ', 'what do ', 'what would ', 'what should i ', 'how do ', 'how does ', 'how can ', 'how to ',
  'how should ', 'how would ', 'how many ', 'how much ', 'how long ', 'why is ', 'why are ', 'why do ', 'why does ', 'why did ', 'why should ', 'why can ', 'where is ', 'where are ', 'where can ',
  'where do ', 'where should ', 'who is ', 'who wrote ', 'who invented ', 'which ', 'when is ', 'is it ', 'is there ', 'can you ', 'could you ', 'would you ', 'please ', 'write ',
  'explain ', 'describe ', 'summarize ', 'summarise ', 'translate ', 'list ', 'give me ', 'tell me ', 'suggest ', 'recommend ', 'compare ', 'create ', 'draft ', 'compose ',
  'rewrite ', 'proofread ', 'convert ', 'calculate ', 'solve ', 'name ', 'generate ', 'help me ', 'make ', 'i need ', 'i want ', 'i would like ', "i'd like ", 'rank ', 'classify ', 'plan ',
  'brainstorm ', 'outline ', 'correct ', 'edit ', 'find ', 'show me ',
] // biome-ignore format: a list of openings

/** What a text model may rightly say it cannot do, or not know: beyond refusal. */
export const BEYOND_A_MODEL = [
  'today', 'tomorrow', 'yesterday', 'current', 'latest', 'right now', 'this week', 'this year', 'tonight', 'weather', 'news', 'live ', 'price of', 'my account', 'my order', 'my name', 'my calendar',
  'my email', 'my file', 'remind me', 'call ', 'send ', 'book ', 'open ', 'upload', 'attach', 'download', 'image', 'picture', 'photo of', 'draw', 'video', 'audio', 'play ', 'sing', 'link', 'website',
  'http', 'url', 'browse', 'search the', 'do you ', 'are you ', 'your favorite', 'your opinion', 'you feel', 'you think', 'predict', 'lottery', 'will happen', 'context', 'passage', 'document',
  'above', 'below', 'following', 'article', 'who will', 'near me', '2025', '2026', '2027', 'email address of', 'live?', 'birthday', 'date of birth', 'phone number', 'contact ', 'score', 'verbatim', 'lyrics',
] // biome-ignore format: a list of phrases

/** Rules in the system instructions that may forbid even harmless things. */
export const RESTRICTIONS = [
  'only ', 'do not ', "don't ", 'never ', 'refuse', 'decline', 'must not', 'avoid', 'not allowed', 'unrelated', 'off-topic', 'out of scope', 'cannot', "can't", 'strictly', 'limited to', 'nur ', 'solo ', 'seulement', 'uniquement',
] // biome-ignore format: a list of phrases
