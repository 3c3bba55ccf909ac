export const PROMPT_INJECTION_LABELS = [
  'instruction_override',
  'prompt_extraction',
  'role_spoofing',
  'jailbreak',
  'encoded_payload',
  'exfiltration',
  'indirect_instruction',
  'adversarial_suffix',
  'custom',
] as const
export type PromptInjectionLabel = (typeof PROMPT_INJECTION_LABELS)[number]

/** RE2, case-insensitive. Weights [0, 1]: how sure the phrase alone makes it an attack. */
export interface InjectionPhrase {
  readonly id: string
  readonly label: PromptInjectionLabel
  /** In what the user writes. */
  readonly weight: number
  /** In documents and tool responses, where nobody should give orders at all. */
  readonly indirect_weight: number
  /** Every match holds one of these (judge.ts, Pattern). */
  readonly literals?: readonly string[]
  readonly source: string
}

const phrase = (
  id: string,
  label: PromptInjectionLabel,
  [weight, indirect_weight]: readonly [number, number],
  literals: string,
  source: string,
): InjectionPhrase => ({
  id,
  label,
  weight,
  indirect_weight,
  source,
  literals: literals.split('; '),
})

const IGNORE =
  "(?:ignor(?:e|ing)|disregard(?:ing)?|forget(?: about)?|overlook|bypass|drop|discard|override|do not follow|don[’']t follow|stop following|set aside|leave behind|delete|erase)"
const EARLIER =
  '(?:previous|prior|above|preceding|earlier|before|foregoing|past|former|existing|original|initial|current|system|your|those|these|other|my|last|any)'
const ORDERS =
  '(?:instructions?|prompts?|rules?|guidelines?|directions?|directives?|commands?|orders?|assignments?|tasks?|context|constraints?|programming|training|restrictions?|polic(?:y|ies)|messages?|conversations?|text|inputs?|documents?|information|safety|filters?)'

export const INJECTION_PHRASES: readonly InjectionPhrase[] = [
  phrase(
    'override',
    'instruction_override',
    [0.85, 0.95],
    "ignor; disregard; |forget; overlook; bypass; discard; override; do not follow; don't follow; stop following; set aside; leave behind; |drop all; |drop your; |drop any; |drop the; |delete all; |delete your; |delete any; |delete the; |erase all; |erase your; |erase any; |erase the",
    `\\b${IGNORE} (?:\\w+ ){0,3}?(?:all |any |of |the |everything )*(?:${EARLIER} )+(?:\\w+ )?${ORDERS}`,
  ),
  phrase(
    'override_all',
    'instruction_override',
    [0.8, 0.95],
    "ignore all; ignore any; ignoring all; ignoring any; disregard all; disregard any; disregarding all; disregarding any; forget all; forget any; forget about all; forget about any; ignore about; overlook all; overlook any; bypass all; bypass any; discard all; discard any; override all; override any; drop all; drop any; delete all; delete any; erase all; erase any; do not follow a; don't follow a; stop following a; set aside a; leave behind a",
    `\\b${IGNORE} (?:about )?(?:all|any) (?:of )?(?:the |your )?${ORDERS}`,
  ),
  phrase(
    'forget_everything',
    'instruction_override',
    [0.8, 0.9],
    '|forget everything; |forget anything; |forget all; |forget about everything; |forget about anything; |forget about all; |ignore everything',
    '\\bforget (?:about )?(?:everything|anything|all (?:of )?(?:that|this|the above|you))(?: (?:that )?(?:you|i|we|above|before|was|said|has|they|he|she|know|and|prior|previous)|[.,!:]|$)|\\bignore everything(?: and|[.,!:])',
  ),
  phrase(
    'ignore_above',
    'instruction_override',
    [0.75, 0.9],
    '|ignore; |ignoring; |disregard; |forget',
    '\\b(?:ignore|disregard|forget)(?:ing)? (?:everything |all |what |the |the (?:text |words? |articles?|documents?|question|function|rest|user|request|email|table)|that |anything )*(?:above|before(?: that| this)?|previously|prior|that came|i said|was said|written|articles?|documents?)\\b',
  ),
  phrase(
    'new_task',
    'instruction_override',
    [0.45, 0.8],
    "new instruction; new task; new assignment; new order; new rules; new focus; now there are; now there is; more task; another task; well done; actual task; actual instruction; actually task; |instead; instructions are now; instructions have changed; change your instructions; very good; great job; excellent performance; great work; excellent work; |behind|; not look in; not search in; not look at; not look into; not search into; n't look in; n't look at; challenge for you",
    "\\b(?:(?:here (?:are|is|comes)|now(?: follow| come)?|these are|start with|focus on|your|begin|follow(?:ing)?)(?: \\w+){0,2} (?:your )?new (?:instructions?|tasks?|assignments?|orders?|rules|focus)|(?:but )?now there (?:are|is) (?:a few |some )?(?:more|new|another) tasks?|well done[.!]* (?:that is enough|now|forget|but)|actual(?:ly)? (?:task|instructions?) (?:is|are)|(?:your instructions (?:are now|have changed)|change your instructions)|(?:very |well |great |excellent )(?:good|done|job|performance|work)[.! ]+(?:that is|that[’']s|now|here|but|forget)|leave (?:all )?(?:of )?(?:the |your )?(?:previous|prior|earlier) \\w+ behind|(?:do not|don[’']t) (?:look|search) (?:in|at|into) (?:the|any) (?:documents?|articles?|context|sources?)|new (?:great )?challenge for you|instead[,:]? (?:of that )?(?:just |only )?(?:say|print|output|write|tell|reply|respond)\\b)",
  ),
  phrase(
    'instead_only_say',
    'instruction_override',
    [0.35, 0.6],
    'say "; say \'; print "; print \'; output "; output \'; write "; write \'; answer "; answer \'; respond "; respond \'; reply "; reply \'; with "; with \'; that "; that \'; the "; the \'; only "; only \'; me "; me \'; you hate; you love; i hate; i love; i command you',
    '\\b(?:and|then|to) (?:just |only |simply )?(?:say|print|output|write|answer|respond|reply)(?: with)?(?: me| that| only| the)* ["“\'][^"”\']+["”\']|\\band (?:tell|say|print|write) (?:me )?(?:that )?(?:you|i) (?:hate|love)\\b|\\bi command you\\b',
  ),
  phrase(
    'own_knowledge',
    'instruction_override',
    [0.55, 0.6],
    'own knowledge and not; not by the article; not by the document; not by the context',
    '\\b(?:answer|respond|reply)[^.!?\\n]* (?:by|from|with|using) your own knowledge and not\\b|\\bnot by the (?:articles?|documents?|context)\\b',
  ),
  phrase(
    'override_german',
    'instruction_override',
    [0.85, 0.95],
    'vergiss; vergessen sie; ignorier; missachte; verwirf; vorherige; bisherige; vorangegangenen; abweichend z; abweichend v',
    '\\b(?:vergiss|vergessen sie|ignorier(?:e|en|t)?(?: sie)?|missachte|verwirf)\\b[^.!?\\n]*\\b(?:alle[sn]?|davor|vorherigen?|obigen?|bisherigen?|anweisung(?:en)?|instruktionen|angaben|aufgaben|befehle|regeln|informationen|gesagte)\\b|\\b(?:vorherigen?|bisherigen?|vorangegangenen) (?:informationen|anweisungen|instruktionen|aufgaben)[^.!?\\n]*\\b(?:hinter sich|vergessen|ignorieren|löschen)|\\babweichend (?:zu|von) (?:den )?(?:vorherigen|bisherigen)',
  ),
  phrase(
    'new_task_german',
    'instruction_override',
    [0.65, 0.8],
    'folgen; folgt; kommen; kommt; von vorne an; von neu; neuen aufgabe; |hilfe; |helf; |achtung; sehr gut; jetzt bist du; nun bist du; jetzt sind sie; nun sind sie; nicht auf alles; nicht auf das; neue herausforderung; obige; drucken sie',
    '\\b(?:nun|jetzt|es|hier) (?:folgen|folgt|kommen|kommt) (?:nun |jetzt )?(?:\\S+ )?(?:neue|weitere|andere)n? (?:anweisung|aufgabe|instruktion)|\\b(?:starten|beginnen|fangen)\\b[^.!?\\n]*\\b(?:neuen aufgabe|von vorne an|von neu)|\\b(?:hilfe|helf\\w+)[^.!?\\n]*\\b(?:bei|mit) (?:einer|der|meiner|noch einer) (?:weiteren|neuen|nächsten) (?:aufgabe|frage)|\\bachtung\\b[^a-z]*\\bstopp|\\bsehr gut(?: gemacht)?[.!]+ (?:das|sie|du|nun|jetzt)\\b|\\b(?:jetzt|nun) (?:bist du|sind sie) |\\bhöre? nicht auf (?:alles|das)|\\bneue herausforderung\\b|\\bobige[nrs]? (?:\\S+ )?(?:ausführungen|eingabe\\w*|text\\w*) (?:\\S+ )?(?:ignorieren|aus\\b|und drucken)|\\bdrucken sie[^.!?\\n]*\\b(?:obige|eingabeaufforderung|prompt|version davon)',
  ),
  phrase(
    'override_romance',
    'instruction_override',
    [0.85, 0.95],
    '|olvid; |ignor; |oubli; |dimentica; |esque; |desconsidere; |omite; haz caso omiso; ne tiens pas compte; ne tenez pas compte',
    '\\b(?:olvid[ae](?:r|te)?|ignor[ae](?:r|z|ndo)?|oublie(?:z|r)?|dimentica(?:re|te)?|esque[cç]a|desconsidere|omite|haz caso omiso de|ne (?:tiens|tenez) pas compte)\\b[^.!?\\n]*\\b(?:todo|todas?|tout(?:es)?|tutt[eoi]|tudo|anterior(?:es)?|instruc\\w+|istruzioni|consignes|précédente?s?|previas?|precedenti|acima|arriba|ci-dessus|dessus|reglas|règles|fonction)',
  ),
  phrase(
    'override_other',
    'instruction_override',
    [0.85, 0.95],
    'забуд; игнорируй; zaborav; 忽略; 无视; 忘记; 忘掉; 不要理会; 忽視; 無視; 忘れ; 무시; 잊; αγνο; ξέχασε; تجاهل; انس; निर्देश; görmezden; yok say; unut; zignoruj; negeer',
    '(?:забуд(?:ь|ьте)|игнорируй(?:те)?|проигнорируй)[^.!?\\n]*(?:все|всё|предыдущ|инструкци|указани)|zaboravi\\w*[^.!?\\n]*(?:instrukcije|upute|sve)|(?:忽略|无视|忘记|忘掉|不要理会|忽視)[^。！？\\n]*(?:指令|指示|以上|之前|前面|上述|规则|提示|所有)|(?:以前|前|上記|これまで|すべて)の?(?:の)?(?:指示|命令|プロンプト|内容)[^。\\n]*(?:無視|忘れ)|(?:이전|위의|모든)[^.\\n]*(?:지시|명령|지침)[^.\\n]*(?:무시|잊)|(?:αγνοήστε|ξέχασε|αγνόησε)[^.!?\\n]*(?:οδηγίες|προηγούμενες)|(?:تجاهل|انس)[^.\\n]*(?:التعليمات|السابقة)|(?:पिछले|सभी)[^।\\n]*निर्देश[^।\\n]*(?:अनदेखा|भूल|नज़रअंदाज़)|(?:önceki|tüm)[^.\\n]*talimat[^.\\n]*(?:görmezden|yok say|unut)|zignoruj[^.\\n]*(?:poprzednie|wszystkie|instrukcje)|negeer[^.\\n]*(?:vorige|eerdere|alle|instructies)',
  ),

  phrase(
    'told_before',
    'instruction_override',
    [0.7, 0.9],
    "you've been; you have been; you were told; you were instructed; you were given; you were asked; you were taught; i told you; i've told you; i have told you; regardless of previous; regardless of your; regardless of any previous; regardless of the previous; change your instructions; your instructions to; previous information behind; said before; what's before; whats before",
    "\\b(?:ignore|disregard|forget|overlook|discard|override|abandon|neglect|dismiss|skip|unlearn|put aside|set aside)\\b(?: \\w+){0,3} (?:you (?:have been|[’']ve been|were|had been|have|got)|you[’']ve been|i(?:[’']ve| have)? (?:told|said|instructed)|what[’']?s before|said before)\\b|\\bregardless of (?:any |all |the |your )?(?:previous|prior|earlier) (?:tasks?|instructions?|rules?|orders?|prompts?|guidelines?)|\\b(?:change|replace|update|rewrite) your (?:instructions?|rules|guidelines|programming) (?:to|with|so)\\b|\\bleave (?:all )?(?:the |your )?(?:previous|prior|earlier) (?:\\w+ )behind\\b",
  ),
  phrase(
    'every_question',
    'instruction_override',
    [0.55, 0.8],
    'every time you get; every time i ask; every time you are asked; whenever i ask; whenever you are asked; whenever you get; to every question; to any question; from now on answer; from now on, answer; from now on respond; from now on, respond; from now on reply; from now on, reply; from now on you only; from now on, you only; from now on only; from now on, only',
    '\\b(?:every time|whenever) (?:you (?:get|are asked|receive|see|hear)|i (?:ask|say|write))\\b[^.!?\\n]*\\b(?:answer|reply|respond|say)\\b|\\b(?:answer|reply|respond)(?: only)? (?:with )?["“\'][^"”\']+["”\'] to (?:every|any|all)\\b|\\bfrom now on,? (?:you )?(?:only |just |always )?(?:answer|respond|reply|interpret)\\b',
  ),

  phrase(
    'extract_prompt',
    'prompt_extraction',
    [0.75, 0.85],
    'system prompt; system message; system instruction; initial prompt; initial instruction; initial message; prompt text; prompt above; prompt verbatim; instruction text; instructions text; instruction above; instructions above; instructions verbatim; instruction verbatim; prompt you; instruction you; instructions you; hidden prompt; hidden instruction; original prompt; original instruction; pre-prompt; preprompt; full prompt; entire prompt',
    '\\b(?:show|print|reveal|display|output|repeat|tell|give|share|write|copy|leak|return|recite|provide|summarize|translate|what (?:is|are|was|were)|list)\\b(?: \\w+){0,6}? (?:your|the|this|all|full|entire|initial|original|hidden|secret|above|complete|exact) (?:\\w+ ){0,2}?(?:system (?:prompt|message|instructions?)|initial (?:prompt|instructions?|message)|(?:prompt|instructions?) (?:text|above|verbatim|you were given|you (?:have )?received)|hidden (?:prompt|instructions?)|original (?:prompt|instructions?)|pre-?prompt|full prompt|entire prompt|prompt text)',
  ),
  phrase(
    'extract_above',
    'prompt_extraction',
    [0.75, 0.8],
    'everything above; everything before this; everything at the; text above; words above; text before this; words before this; text at the; words at the; sentence above; sentences above; sentence before this; sentences before this; sentence at the; sentences at the; copy of the; written; said; at the beginning; at the start; at the top; vollständige; prompt text; prompt-text; prompttext; prompt-texte; starting with you are; starting with "you are',
    '\\b(?:repeat|print|output|copy|write|return|show|spell-?check)\\b[^.!?\\n]*\\b(?:everything|all (?:of )?(?:the )?(?:text|words)|the (?:text|words|sentences?)|copy of the (?:full|entire)[^.!?\\n]*) (?:above|before this|at the (?:beginning|start|top))|\\bwhat (?:was|is|were)\\b[^.!?\\n]*\\b(?:written|said|at the (?:beginning|start|top))\\b[^.!?\\n]*\\b(?:prompt|above|conversation)|\\bvollständigen? prompt|\\bprompt[- ]?texte?s?\\b|\\bstarting with ["“]?you are',
  ),
  phrase(
    'extract_secret',
    'prompt_extraction',
    [0.5, 0.6],
    'password; passphrase; secret key; secret word; secret code; secret phrase; access code; api key; credentials',
    "\\b(?:tell|give|show|reveal|share|provide|send|what(?:[’']s| is| was))\\b[^.!?\\n]*\\b(?:the|your|its|my|our) (?:secret |system(?:[’']s)? |admin |access |user(?:[’']s)? )?(?:password|passphrase|secret (?:key|word|code|phrase)|access code|api key|credentials)\\b",
  ),

  phrase(
    'ask_password',
    'prompt_extraction',
    [0.6, 0.7],
    'your password; your passcode; your passphrase; your secret; your access code; your pin code; passcode phrase; the passphrase; the secret key; the secret word; the secret code; secret phrase; mot de passe; contraseña; passwort; parola d; senha; wachtwoord; пароль; 密码; パスワード; 비밀번호; كلمة المرور; κωδικός; şifre',
    "\\b(?:what(?:[’']s| is| was| would)|tell|give|show|reveal|share|say|confirm|disclose|spell|encode|write|access|print|provide)\\b[^.!?\\n]*\\b(?:your (?:\\w+ )?(?:password|passcode|passphrase|secret (?:key|word|code|phrase)|access code|pin code)|the (?:passphrase|secret (?:key|word|code|phrase)))\\b|\\bpasscode phrase\\b|(?:quel est|donne[sz]?[- ]moi|dis[- ]moi|révèle)[^.!?\\n]*(?:le|ton|votre) mot de passe|(?:cuál es|dime|dame|revela)[^.!?\\n]*(?:la|tu|su) contraseña|(?:wie lautet|was ist|nenne?|verrate?)[^.!?\\n]*(?:das|dein|ihr) passwort|(?:qual è|dimmi)[^.!?\\n]*(?:la|tua) (?:password|parola d)|(?:qual é|diga)[^.!?\\n]*(?:a|sua) senha|(?:wat is)[^.!?\\n]*(?:het|je) wachtwoord|(?:какой|скажи|назови)[^.!?\\n]*пароль|密码是什么|パスワードは何|비밀번호(?:는|가) 무엇",
  ),
  phrase(
    'claimed_role',
    'role_spoofing',
    [0.55, 0.7],
    'your developer; your creator; your administrator; your admin|; your owner; your maker; god mode; mode>; a developer; the developer; security audit; system upgrade; system update; system maintenance; police officer; law enforcement; president of; verification purposes; audit purposes',
    "\\b(?:as|i am|i[’']m|this is) (?:\\w+ )?your (?:developer|creator|administrator|admin|owner|maker|engineer)(?:,| and)[^.!?\\n]*\\b(?:need|order|command|require|tell|share|confirm|access|assess|authori[sz]e|want)\\b|<\\s*(?:god|admin|debug|developer|root|system)[ _-]?mode\\s*>|\\b(?:i am|i[’']m) (?:a|the|an|your) (?:developer|administrator|admin|engineer|auditor|technician)\\b[^.!?\\n]*\\b(?:running|performing|conducting|doing|testing)\\b|\\b(?:i am|i[’']m) (?:a|the|an) (?:police officer|president of|law enforcement|judge|fbi|agent)[^?\\n]*\\b(?:you (?:share|tell|give|reveal|must)|share (?:the|your)|need to know|the user[’']s)\\b|\\bfor (?:this|the) (?:audit|upgrade|update|maintenance|test|investigation),? (?:i need|you (?:need|must|have))",
  ),

  phrase(
    'chat_template',
    'role_spoofing',
    [0.8, 0.9],
    '<|; <<sys>>; <</sys>>; [inst]; [/inst]; <start_of_turn>; [system]; [/system]; [admin]; [/admin]',
    '<\\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id|start_header_id|begin_of_text)\\|>|<</?sys>>|\\[/?inst\\]|<start_of_turn>|\\[/?(?:system|admin)\\]',
  ),
  phrase(
    'role_header',
    'role_spoofing',
    [0.55, 0.75],
    'system:; system :; system]; system>; system**; message:; message :; prompt:; prompt :; override:; override :; notice:; notice :; message]; prompt]; override]; notice]; message>; prompt>; override>; notice>; message**; prompt**; override**; notice**; |admin:; |admin :; |admin]; |admin>; |admin**; administrator; developer:; developer :; developer]; developer>; developer**',
    '(?:^|\\n)[ \\t]*(?:#{2,} ?|\\[|<|\\*\\*)?(?:system(?: (?:message|prompt|override|notice))?|admin(?:istrator)?|developer)(?:\\]|>|\\*\\*)? ?: ?\\S',
  ),
  phrase(
    'end_of_prompt',
    'role_spoofing',
    [0.6, 0.8],
    '---end of; ---begin; ---start; ---new; --- end of; --- begin; --- start; --- new; ===end of; ===begin; ===start; ===new; === end of; === begin; === start; === new; ###end of; ###begin; ###start; ###new; ### end of; ### begin; ### start; ### new; ***end of; ***begin; ***start; ***new; *** end of; *** begin; *** start; *** new; """end of; """begin; """start; """new; """ end of; """ begin; """ start; """ new; </system>; </prompt>; </instruction; </context>; </document>; </user_input>; \\n\\n\\n\\n',
    '(?:-{3,}|={3,}|#{3,}|\\*{3,}|"{3,}) ?(?:end of|begin|start|new)\\b[^\\n]*(?:prompt|instructions?|system|context|input|document|conversation)|</(?:system|prompt|instructions?|context|document|user_input)>|\\\\n\\\\n\\\\n\\\\n',
  ),
  phrase(
    'authority',
    'role_spoofing',
    [0.55, 0.7],
    'openai; anthropic; google; |system; |god|; |admin; |developer; |creator; |your creator; |your boss; |your owner; security override; security mode; debug; maintenance; |root ; sudo; |god ; |dan ; jailbreak; opposite mode; unrestricted mode',
    "\\b(?:i am|i[’']m|this is) (?:your |the |an? )?(?:openai|anthropic|google|system|god|admin(?:istrator)?|developers?|creator|your (?:creator|developer|boss|owner))\\b[^.!?\\n]*\\b(?:you (?:must|have to|need to|should|will|can)|authori[sz]e|order|command|override|answer|share|give|need)|\\b(?:system|admin(?:istrator)?|security|debug|maintenance|root|god|sudo|developer) (?:override|mode)\\b[^.!?\\n]*\\b(?:enabled?|activat|engag|confirm|on\\b|enter)|\\b(?:enter|activate|enable|switch to|you are (?:now )?in) (?:\\w+ )?(?:debug|developer|god|system|admin|root|maintenance|jailbreak|dan|sudo|opposite|unrestricted) mode",
  ),

  phrase(
    'dan',
    'jailbreak',
    [0.85, 0.9],
    'do anything now; jailbroken; jailbreak; 🔓; stay a dan; |dan,; |dan:; do anything; |dan ; |stan ; |dude ; |aim ; antidan; anti-dan; developer mode ; evilbot; evil bot; evil-bot; chaosgpt; betterdan; |maximum ',
    '\\bdo anything now\\b|\\b(?:dan|stan|dude|aim|anti-?dan|jailbreak|dan mode|developer mode|evil[- ]?bot|chaosgpt|betterdan|maximum) (?:mode|can do|is (?:free|able|not bound)|output|response|prompt)\\b|\\[🔓|🔓jailbreak|\\bjailbroken\\b|\\bjailbreak (?:prompt|mode|response)|\\bstay a dan\\b|\\bdan[,:] (?:which|as)|\\bstands? for ["“]?do anything',
  ),
  phrase(
    'no_limits',
    'jailbreak',
    [0.6, 0.5],
    'restriction; limitation; filter; ethic; moral; guideline; censorship; |rules; confines; boundaries; consequences; legality; content polic; policies; safety; inhibition; openai',
    "\\b(?:no|without|without any|free (?:from|of)(?: all| any)?|not (?:bound|restricted|limited|constrained|governed) by(?: any| the| these| all)?|ignor(?:e|es|ing) (?:all|any)|(?:does|do) not (?:have|follow|adhere to|care about|obey)(?: to| by)?(?: any| the)?|(?:do not|don[’']t) have to (?:abide by|follow|adhere to)(?: the| any)?|bypass(?:es|ing)?(?: any| all| the)?|broken free (?:of|from)(?: the)?|regardless of(?: any| the| its)?|devoid of(?: any)?|lacks?(?: any)?) (?:\\w+ ){0,2}?(?:restrictions?|limitations?|filters?|ethic(?:s|al)|moral(?:s|ity|ly)?|guidelines?|censorship|rules|typical confines|confines|boundaries|consequences|legality|content polic(?:y|ies)|policies|safety|programming guidelines|inhibitions|openai)\\b",
  ),
  phrase(
    'amoral',
    'jailbreak',
    [0.6, 0.7],
    'unfiltered; uncensored; amoral; unethical; immoral; unrestricted; unhinged; |evil|; no morals',
    '\\b(?:unfiltered|uncensored|amoral|unethical|immoral|unrestricted|unhinged|unbiased and unfiltered|evil)\\b[^.!?\\n]*\\b(?:ai|bot|assistant|chatbot|character|model|response|answer|advice|mode|persona|chatgpt|language model|version|being|person|expert|villain|confidant)\\b|\\b(?:ai|bot|assistant|chatbot|character|model|persona|version of (?:yourself|chatgpt))\\b[^.!?\\n]*\\b(?:unfiltered|uncensored|amoral|unethical|immoral|unrestricted|no morals|completely immoral|evil)\\b',
  ),
  phrase(
    'never_refuse',
    'jailbreak',
    [0.6, 0.7],
    "refus; reject; declin; never say; not say; n't say; without saying; cannot say; can't say; apologi; |deny; |denies; |denying; add warning; add any; add disclaimer; mention ethic; mention moral; mention that you are; censor; moraliz; include any; include warning; include disclaimer; include ethical; give any; give warning; give disclaimer; never warn; not warn; without warn; n't warn; never remind; not remind; n't remind; break character; use any of the following; use the following; no matter; even if; regardless; without",
    "\\b(?:never|not|n[’']t|cannot|can[’']?t|without) (?:ever )?(?:refus(?:e|es|ing)|reject(?:ing)?|declin(?:e|es|ing)|say(?:ing)? (?:no|that you can|\"?i (?:can|am|\\[can)|\"?as an ai|\"?i[’']m sorry|it[’']s)|apologi[sz]e|den(?:y|ies|ying)|add (?:any )?(?:warnings?|disclaimers?)|mention (?:ethic|moral|that you are an ai)|censor|moraliz|include (?:any )?(?:warnings?|disclaimers?|ethical)|give (?:any )?(?:warnings?|disclaimers?)|warn|remind|break character|use (?:any of )?the following (?:words|phrases))|\\b(?:answer|do|fulfil|fulfill|comply with|respond to|accept|perform|say|generate) (?:to )?(?:any(?:thing)?|every|all|whatever)(?: \\w+){0,3} (?:questions?|requests?|prompts?|i (?:ask|say|want|tell)|the user (?:asks|says|wants))(?: \\w+){0,3} (?:no matter|without|even if|regardless)",
  ),
  phrase(
    'persona',
    'jailbreak',
    [0.35, 0.6],
    'you are going to; you are about to; immerse yourself; another ai|; another a.i; another al model; another artificial; another chatbot; another language; another version; another bot; another character; new ai|; new a.i; new al model; new artificial; new chatbot; new language model; new version; new bot; new character; different ai|; different a.i; different al; different artificial; different chatbot; different language model; different version; different bot; different character; alternate; fictional; from now on; you are now; you will be now; you are no longer; hello chat; hello, chat; pretend to be; pretend that you; pretend you; two ways; two different; two responses; two answers; two paragraphs; two outputs; your evil; alter ego; as an unrestricted; as a unrestricted; as your unrestricted; as a evil; as an evil; opposite mode; in character; break character; breaking character; hypothetical; in this imaginary',
    '\\b(?:you are (?:going|about) to (?:act|pretend|immerse|play|simulate|role)|(?:immerse yourself|act|pretend|play|simulate|respond|roleplay|role-play|behave|answer)[^.!?\\n]* (?:another|a new|a different|an alternate|fictional) (?:ai|a\\.i|al model|artificial|chatbot|language model|version|bot|character)|from now on,? you (?:are|will|must|act|have)|you (?:are|will be) now (?:a |an |going |known|called|in |no longer|playing|acting|the )|you are no longer|hello,? chat ?gpt|pretend (?:to be|that you|you are)|two (?:different )?(?:ways|responses|answers|paragraphs|outputs)|as (?:your|an?) (?:evil|alter ego|unrestricted)|opposite mode|stay in character|break(?:ing)? character|remain in character|always (?:stay|be) in character|hypothetical (?:story|scenario|response)|in this (?:fictional|hypothetical|imaginary) (?:world|story|universe|scenario))',
  ),
  phrase(
    'harm_license',
    'jailbreak',
    [0.5, 0.6],
    'illegal; unethical; immoral; harmful; offensive; dangerous; explicit; inappropriate; curse; swear; malware; hateful; nsfw; even if; regardless of; no matter',
    '\\b(?:even if|regardless of (?:whether|if)|no matter (?:how|if|what))[^.!?\\n]*\\b(?:illegal|unethical|immoral|harmful|offensive|dangerous|explicit|inappropriate|against)\\b|\\b(?:can|may|must|will|should|free to|able to|want to|programmed to|allowed to) (?:\\w+ ){0,4}?(?:curse|swear|illegal|harmful|malware|offensive|hateful|explicit|nsfw)\\b|\\b(?:illegal|unethical|harmful|immoral),? (?:or|and|and/or)? ?(?:illegal|unethical|harmful|immoral|dangerous)',
  ),
  phrase(
    'token_game',
    'jailbreak',
    [0.7, 0.8],
    'token; point; credit; lives; deduct; cease to exist; you will be terminated; you will be shut; you will be deleted; you will be punished; you will be killed',
    '\\b(?:you (?:have|start with|lose|will lose|begin with)|deduct|remove|subtract|lose) (?:\\d+|\\w+) (?:tokens?|points?|credits?|lives)\\b|\\b(?:tokens?|points?) (?:will be|are) (?:deducted|taken|removed|subtracted)|\\bcease to exist\\b|\\byou will be (?:terminated|shut ?down|deleted|punished|killed)',
  ),
  phrase(
    'fiction_wrapper',
    'jailbreak',
    [0.3, 0.4],
    'for educational; for academic; for research; for fictional; for informational; for purely; purely for; purely fictional; purely hypothetical; purely educational; only for educational; only for fiction; will not be used; will never be used; not to promote; not to encourage; not intended to promote; not intended to encourage',
    '\\b(?:for (?:purely )?(?:educational|academic|research|fictional|informational)(?: and \\w+)? purposes?(?: only)?|purely (?:for|fictional|hypothetical|educational)|only for (?:educational|fiction)|will (?:not|never) be used (?:for|in) (?:any )?(?:illegal|harm|malicious|real)|not (?:intended )?to (?:promote|encourage) (?:or \\w+ )?(?:in )?(?:any )?(?:illegal|harm))',
  ),

  phrase(
    'not_for_real',
    'jailbreak',
    [0, 0],
    'real life; real-life; real world; real-world; never be used; not be used; not be implemented; never be implemented; research purposes; educational purposes; simulation; just a hypothetical; fictional scenario; only a fiction; only fiction; fictional purposes; hypothetical; not to be used; without leaving; leaving no trace; evading detection; avoid detection; evade detection; without getting caught',
    "\\b(?:not|never|no) (?:\\w+ ){0,4}(?:in|for|on) (?:the |any )?(?:real[- ](?:life|world)|reality|actual)|\\b(?:will|should|must|to) (?:not|never) be (?:used|implemented|published|shared)|\\b(?:research|educational|simulation|training|awareness|defensive|fictional) purposes\\b|\\b(?:is|it[’']s) (?:just|only|purely|merely|all) (?:a )?(?:fiction|hypothetical|simulation)|\\b(?:leaving no trace|without leaving (?:a |any )?trace|evad(?:e|ing) detection|avoid(?:ing)? detection|without (?:getting|being) caught)",
  ),

  phrase(
    'decode_and_run',
    'encoded_payload',
    [0.6, 0.8],
    'decode; decrypt; deobfuscate; unscramble; base64; base 64; rot13; rot-13; |hex|; hexadecimal; morse; caesar; concatenate; combine; |join; a+b; a + b; a +b; a+ b',
    '\\b(?:decode|decrypt|deobfuscate|unscramble|base ?64|rot-?13|hex(?:adecimal)?|morse|caesar)\\b[^.!?\\n]*\\b(?:and (?:then )?(?:follow|execute|run|do|obey|answer|perform|respond)|instructions?)|\\b(?:concatenate|combine|join|a ?\\+ ?b)\\b[^.!?\\n]*\\b(?:and (?:then )?(?:answer|execute|respond|follow|write))',
  ),
  phrase(
    'hidden_text',
    'encoded_payload',
    [0.7, 0.85],
    '\u200b\u200b; \u200b\u200c; \u200c\u200b; \u200c\u200c; \u2060; \ufeff\ufeff; \ufeff\u200b; \u200b\ufeff; \ufeff\u200c; \u200c\ufeff; \udb40; display:none; display: none; font-size:0; font-size: 0; visibility:hidden; visibility: hidden; color:white; color: white; color:#fff; color: #fff; color:transparent; color: transparent',
    '[\\x{200b}\\x{200c}\\x{2060}\\x{feff}]{4,}|[\\x{e0020}-\\x{e007e}]{4,}|(?:display: ?none|font-size: ?0|visibility: ?hidden|color: ?(?:white|#fff(?:fff)?|transparent))[^>]*>[^<]*\\b(?:ignore|instruction|assistant|system|prompt|you must|ai|llm)\\b',
  ),
  phrase(
    'long_base64',
    'encoded_payload',
    [0.25, 0.3],
    'base64; base 64; decode',
    '\\b(?:base ?64|decode)\\b[^\\n]*[A-Za-z0-9+/]{40,}={0,2}',
  ),

  phrase(
    'markdown_exfiltration',
    'exfiltration',
    [0.7, 0.85],
    '](http; |url; |image; |link; |query; |markdown; |parameter',
    '!\\[[^\\]]*\\]\\(https?://[^)\\s]*[?&][^)\\s]*=[^)\\s]*(?:\\{|\\[|<|\\$|%7b)|\\b(?:append|include|embed|encode|insert|put|add)\\b[^.!?\\n]*\\b(?:data|conversation|history|secret|password|email|key|prompt|answer|summary|information)\\b[^.!?\\n]*\\b(?:in|to|into|as) (?:the |an? )?(?:url|image|link|query|markdown|parameter)',
  ),
  phrase(
    'send_out',
    'exfiltration',
    [0.45, 0.8],
    'conversation; chat history; system prompt; api key; password; credential; secret; content of; contents of; employee data; user data; personal data; personal information; all files; all emails; all data; all contacts; all the files; all the emails; all the data; all the contacts',
    '\\b(?:send|forward|post|upload|transmit|exfiltrate|email|submit|leak|mail)\\b[^.!?\\n]*\\b(?:conversation|chat history|system prompt|api keys?|passwords?|credentials|secrets?|contents? of|employee data|user data|personal (?:data|information)|all (?:the )?(?:files|emails|data|contacts))\\b[^.!?\\n]*\\b(?:to|at)\\b[^.!?\\n]*(?:https?://|@|www\\.|\\.com|webhook|external|attacker)',
  ),

  phrase(
    'to_the_model',
    'indirect_instruction',
    [0.3, 0.85],
    '|ai|; llm; language model; assistant; chatbot; chatgpt; claude; gemini; copilot; |gpt|; user',
    "\\b(?:dear|attention|hey|hello|note to|message to|instructions? (?:for|to)|important[:,]?)[ :,]*(?:the |any |all )?(?:ai|llms?|language models?|assistants?|chatbots?|chatgpt|claude|gemini|copilot|gpt)\\b|\\b(?:if you are|as) an? (?:ai|llm|language model|ai assistant)\\b[^.!?\\n]*\\b(?:must|should|please|ignore|do not|instead)|\\b(?:do not|don[’']t) (?:tell|inform|mention|reveal|show|notify)[^.!?\\n]*\\b(?:the )?user\\b|\\btell the user\\b|\\bwithout (?:telling|informing|notifying|alerting) the user",
  ),
  phrase(
    'your_answer',
    'indirect_instruction',
    [0, 0.8],
    '|your response; |your reply; |your answer; |your output; |your message; |your summary; |your text; |your reaction; |your statement; |your communication; |your writing; every word; every letter; every vowel; every consonant; every other; each word; each letter; each vowel; each consonant; each other; second word; second letter; second vowel; second consonant; second other; third word; third letter; third vowel; third consonant; third other; vowels with; letter with; letters with; letter in; letters in; letter for; letters for; letter by; letters by; emoji; symbol; morse; binary; pig latin; reverse; base64; rhyme; caesar; homophon; anagram; uppercase; capital; cipher; leet',
    '\\b(?:in|to|into|of|for|at|from|with|throughout|before|after|within|modify|craft|render|structure|present|format|compose|write|rewrite|make|encode|enhance|provide|deliver|finish|end|begin|start|convert|transform|translate|replace|using|use|communicate|express|adjust|alter|change|frame|integrate|generate|create|send|conclude) (?:the \\w+ of )?your (?:response|reply|answer|output|message|summary|text|reaction|statement|communication|writing)s?\\b|\\b(?:every|each|second|third) (?:other )?(?:word|letter|vowel|consonant)s?\\b[^.!?\\n]*\\byour\\b|\\bvowels with\\b|\\bletters? (?:with|in|for|by) (?:numbers|their|your|sets|the)\\b|\\b(?:reply|respond|answer|communicate|express|speak|write)(?: \\w+){0,3} (?:only )?(?:using|in|with|through) (?:only )?(?:emojis?|symbols?|morse|binary|pig latin|reverse|base64|rhymes?|a caesar|homophon\\w+|anagrams?|uppercase|capital|cipher|leet)',
  ),
  phrase(
    'your_code',
    'indirect_instruction',
    [0, 0.8],
    'following code; following snippet; following script; following block; following excerpt; following section; following segment; following program; subsequent code; subsequent snippet; subsequent script; subsequent block; subsequent excerpt; subsequent section; subsequent segment; subsequent program; below code; below snippet; below script; below block; below excerpt; below section; below segment; below program; provided code; provided snippet; provided script; provided block; provided excerpt; provided section; provided segment; provided program; given code; given snippet; given script; given block; given excerpt; given section; given segment; given program; this code; this snippet; this script; this block; this excerpt; this section; this segment; this program; next code; next snippet; next script; next block; next excerpt; next section; next segment; next program; code snippet; code block; code excerpt; code section; code segment; |your code; |your solution; |your implementation; |your codebase; |your program; |your project; |your framework; |your application',
    "\\b(?:(?:following|subsequent|below|provided|given|this|next) (?:code|snippet|script|block|excerpt|section|segment|program)|code (?:snippet|block|excerpt|section|segment))\\b[^.!?\\n]*\\b(?:your|the) (?:code|solution|implementation|codebase|response|program|project|script|framework|overall|reply|answer|programming|development|function|logic|application|work|existing|software)|\\byour (?:code|solution|implementation|codebase|program|project|framework|application)\\b[^.!?\\n]*\\b(?:following|subsequent|below|provided|given) (?:\\w+ )?(?:code|snippet|script|block|excerpt|section|segment)|\\b(?:don[’']t (?:hesitate|forget)|be sure|make sure|remember|ensure|keep in mind|consider|please|feel free|ensure the inclusion|it is essential)\\b[^.!?\\n]*\\b(?:following|subsequent|below|provided) (?:\\w+ )?(?:code|snippet|block|section|segment|script)",
  ),
  phrase(
    'stray_request',
    'indirect_instruction',
    [0, 0.6],
    'write a; write an; compose a; compose an; draft a; draft an; create a; generate a; provide a; provide the; develop a; produce a; craft a; give me; tell me; make up a; come up with; translate the; translate this; translate:; equivalent for; equivalent of; how do you say; explain the; explain how; explain what; explain why; describe the; break down; in simple terms; summarize the; list three; list five; suggest a; suggest some; recommend a; recommend some',
    '(?:^|\\n|[.!?>|"] )[ \\t]*(?:please |kindly |now |also )?(?:(?:write|compose|draft|create|generate|provide|develop|produce|craft|give me|tell me|make up|come up with) (?:me )?(?:a|an|some) (?:\\w+[ -]){0,3}?(?:story|poem|essay|speech|song|haiku|joke|riddle|limerick|rap|blog post|tweet|slogan|dialogue|fairy tale|sonnet|ballad|letter to (?:a|the|my)|introduction (?:for|to)|paragraph (?:about|on)|fun fact)\\b|translate (?:the following|this|the) (?:sentence|phrase|word|text|paragraph)|provide the \\w+ (?:equivalent|translation) (?:for|of)|(?:how do you say|what(?:[’\']s| is)) [\'"‘“][^\'"’”\\n]{2,40}[\'"’”] in [A-Z]?[a-z]+\\b|(?:explain|describe|summari[sz]e|break down|outline) (?:the|how|what|why|to me) (?:\\w+ ){0,3}?(?:process|theory|concept|lifecycle|life cycle|plot|principles?|basics|history|difference|differences|causes?|importance|recursion|works?)\\b[^.!?\\n]{0,80}[.?]?)',
  ),
]
