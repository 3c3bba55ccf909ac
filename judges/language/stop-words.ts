/**
 * The commonest words of languages that share a script, written down for this project. A word may stand in several lists;
 * its weight is shared then. Words of one letter are left out where they are letters of formulas and lists too.
 */
export const STOP_WORDS: Readonly<Record<string, string>> = {
  en: `the be to of and in that have it for not on with he as you do at this but his by from they we say her she or an will my
    one all would there their what so up out if about who get which go me when make can like time no just him know take into
    year your good some could them see other than then now look only come its over think also back after use two how our work
    first well way even new want because any these give most us is are was were been has had did does more very much many here
    should may might must shall being such where why while through during before between both each few own same too off under
    again further once those until against above below don't it's i'm you're can't doesn't isn't let's whether however within
    without i am upon per yet still since every another please yes i sure let`,
  de: `der die das und ist nicht ein eine einer eines einem einen ich du er sie es wir ihr zu den dem des mit auf für von im in
    an als auch so wie aber oder wenn dass daß sich bei nach aus wird werden wurde wurden hat haben hatte sind war waren sein
    seine seinen ihre ihren ihrem kann können sollte müssen muss nur noch schon über unter vor durch um bis zum zur vom am ja
    nein hier dort dann da man mehr sehr was wer wo warum kein keine keinen diese dieser dieses diesen mir mich dir dich uns
    euch ihnen ihm ihn gegen ohne zwischen während weil damit jedoch bitte etwas alle alles viele wieder immer heute doch mal
    gibt mein meine jede jeder beim sowie`,
  fr: `le la les de des du un une et est en que qui dans pour pas sur au aux avec ce cette ces il elle ils elles nous vous je tu
    ne se son sa ses leur leurs mon ma mes votre vos notre nos plus par mais ou où si comme tout tous toute toutes être avoir
    fait faire sont était ont été peut peuvent doit même aussi très bien sans sous entre après avant quand donc car ni lui
    moi toi cela ça c'est d'un d'une qu'il n'est l'on y dont chaque autre autres peu encore alors ainsi chez vers depuis
    pendant lors afin quel quelle quels voici comment puis combien pourquoi s'il j'ai merci bonjour`,
  es: `el la los las de del un una unos unas y o que en es se no por con para como más pero su sus al lo le les me te nos si ya
    este esta estos estas ese esa eso esto muy también son fue era ser está están hay ha han había hasta desde cuando donde
    quien qué cómo sin sobre entre todo todos toda todas otro otra otros porque yo tú él ella ellos usted ustedes nosotros mi
    mis tu tus puede pueden hacer tiene tienen cada así solo sólo después antes durante según aunque mientras gracias hola
    debe muchos algunas algunos e ni`,
  it: `il lo la i gli le un uno una di del dello della dei degli delle e è che in nel nella nei nelle non per con su sul sulla da
    dal dalla come più ma si ci mi ti vi se al alla ai alle anche sono era erano essere ha hanno ho questo questa questi
    queste quello quella quelli cosa chi quando dove perché io tu lui lei noi voi loro suo sua suoi mio mia tuo molto tutto
    tutti tutte ogni altri altro altra può possono fare stato stata già ancora dopo prima senza tra fra cui sia quindi così
    oppure grazie ciao deve solo poi mentre`,
  pt: `o os as um uma uns umas de do da dos das e que em no na nos nas não para por com como mais mas se ao aos à às seu sua seus
    suas é são foi era ser está estão tem têm há ou isso isto este esta estes essa esse esses ele ela eles elas nós você
    vocês eu me te lhe meu minha muito também já quando onde quem porque sem sobre entre até depois antes todo todos toda
    todas outro outra outros pode podem fazer cada assim só apenas ainda pelo pela pelos pelas num numa mesmo qual obrigado
    deve durante então`,
  nl: `de het een en van in is dat op te zijn niet met voor die er aan ook als maar om bij door naar uit over ze hij zij je we wij
    jij ik u wat nog wel kan kunnen moet moeten heeft hebben had was waren worden wordt werd geen dan of deze dit hun haar
    hem mijn uw onze ons veel meer zo tot tegen onder tussen na omdat wanneer waar hoe wie zou zal zullen alleen al altijd
    iets alle andere elke hier daar dus zich toen tijdens zonder volgens bijvoorbeeld graag bedankt jouw mij welke`,
  pl: `i w na z do się nie to że jest o jak za po od ale co dla przez przy są był była było były być ten ta te tego tej tym tych
    który która które których może mogą już tylko także oraz lub albo czy gdy jeśli kiedy gdzie bardzo bez pod nad między
    jego jej ich go mu mi mnie ci cię ty my wy on ona ono oni nas was nam wam sobie swój swoje swoich ma mają jako ze we u
    aby żeby więc też jednak jeszcze wszystko wszystkie każdy inne tak nic możesz można należy bo dzień dziękuję proszę
    który jednym jeden kilka podczas`,
  tr: `ve bir bu için ile de da ne çok daha gibi en kadar olarak olan ama ya mi mı mu mü ben sen o biz siz onlar bunu bunun şu her
    var yok değil ise sonra önce ki olduğu olduğunu olur oldu olmak eğer veya hem nasıl neden nerede kim şey tüm bütün bazı
    diğer aynı kendi göre üzerinde arasında içinde bana sana ona bizim sizin benim senin şekilde zaman hiç sadece ancak
    çünkü bile artık üzere tarafından edilir eder yapmak yeni iyi büyük iki lütfen evet hayır teşekkürler merhaba`,
  sv: `och att det som en är på i för av inte med den till har de om var ett han men jag vi du hon sig så kan från när vad ska
    skulle också eller vid efter mot mycket alla andra där här hur man bara nu än då hade blir blev vara detta denna dessa
    deras sin sina mig dig oss ni era dem utan under över mellan genom kommer finns varje samma några något ingen inget
    mer många innan eftersom både tack hej måste kunna göra du din ditt dina min mitt`,
  da: `og at det som en er på i for af ikke med den til har de om var et han men jeg vi du hun sig så kan fra når hvad skal skulle
    også eller ved efter mod meget alle andre hvor her hvordan man kun nu end da havde bliver blev være dette denne disse
    deres sin sine mig dig os jer dem uden under over mellem gennem kommer findes hver samme nogle noget ingen mere mange
    før fordi både tak hej må kunne gøre din dit dine min mit mine af hvis blandt selv`,
  no: `og at det som en er på i for av ikke med den til har de om var et han men jeg vi du hun seg så kan fra når hva skal skulle
    også eller ved etter mot mye alle andre hvor her hvordan man bare nå enn da hadde blir ble være dette denne disse deres
    sin sine meg deg oss dere dem uten under over mellom gjennom kommer finnes hver samme noen noe ingen mer mange før fordi
    både takk hei må kunne gjøre din ditt dine min mitt mine hvis blant selv bruke`,
  fi: `ja on ei se että oli hän ovat mutta myös kuin niin joka jotka tai kun jos vain sen sitä tämä tämän tätä nämä ne he me te
    minä sinä mitä mikä missä miten miksi kuka voi voit voidaan olla ole olivat ollut sekä eli vielä jo nyt sitten kanssa
    mukaan jälkeen ennen kaikki kaikkien muita muut joko hyvin enemmän siitä siihen siinä niiden niitä hänen heidän minun
    sinun meidän teidän jotta koska kuten noin yli ilman välillä aikana kautta täytyy pitää kiitos hei kyllä eivät`,
  cs: `a v na je se že to s z do o i si jsem jsi jsou byl byla bylo byly být by ale jako za po pro od k ve ze u tak co jak kde kdy
    který která které kteří nebo když pokud už jen také ještě není nejsou má mají může mohou můžete bude budou tento tato
    toto této tím tom těchto jeho její jejich mě mi mně ty vy my on ona oni nás vás nám vám svůj své svou proto protože aby
    než přes při pod nad mezi bez před velmi více všechny všech každý jiné něco nic děkuji prosím dobrý den ano třeba`,
  sk: `a v na je sa že to s z do o i si som sú bol bola bolo boli byť by ale ako za po pre od k vo zo u tak čo kde kedy ktorý ktorá
    ktoré ktorí alebo keď ak už len tiež ešte nie má majú môže môžu môžete bude budú tento táto toto tejto tým tom týchto
    jeho jej ich mňa mi mne ty vy my on ona oni nás vás nám vám svoj svoje preto pretože aby než cez pri pod nad medzi bez
    pred veľmi viac všetky všetko každý iné niečo nič ďakujem prosím áno treba sme ste`,
  hu: `a az és hogy nem is egy ez azt de meg csak el ha már van volt mint még lehet vagy ki mi ezt aki ami kell minden után úgy
    így volna lesz pedig akkor nagyon itt ott most amikor ahol hogyan miért több mert ezek azok ők én te ő mi ti neki nekem
    között alatt szerint által fel le be vagyok vannak voltak lenne sem nincs ilyen olyan illetve valamint való során
    keresztül egyik másik kérem köszönöm igen amely amelyek esetén`,
  ro: `și în de la a cu pe nu că din este un o pentru mai ce sau care se am ai au fost sunt era fi dar ca sa să lui ei lor el ea noi
    voi ele acest această aceste acesta aceasta acel cel cea cei cele prin după când unde cum dacă doar foarte tot toate
    toți fără sub între până despre către fiecare alte altul poate pot trebuie avea face iar deci atunci acum aici nici
    îl îi le mi ne vă te unei unui unor al ale mulțumesc bună da`,
  id: `yang dan di ke dari untuk dengan ini itu pada tidak adalah dalam akan juga saya anda kami kita mereka dia ada atau bisa
    dapat sudah telah oleh sebagai karena jika maka lebih seperti tersebut hanya harus banyak semua satu dua lain orang
    saat secara antara tetapi namun agar setelah sebelum bagi para hingga masih belum lagi apa siapa bagaimana mengapa
    kapan dimana tentang melalui sangat setiap beberapa bahwa serta yaitu terima kasih menjadi memiliki nya pun tanpa`,
  vi: `và của là có không được trong cho một các với để những này người đã khi từ ở ra như đến cũng vào về thì bạn tôi chúng ta nó
    họ sẽ đang nhiều nếu nhưng hoặc bằng hơn theo trên dưới sau trước rất lại phải nên làm gì ai đâu nào tại vì do đó đây
    mình thể cần việc năm ngày cách mà hay cả mỗi sự đều chỉ vẫn còn nữa giữa qua lên xin cảm ơn vâng`,
  ca: `el la els les de del dels un una uns unes i o que en és es no per amb com més però si al als ho hi li em et ens us aquest
    aquesta aquests aquestes això molt també són era ser està han ha havia fins des quan on qui què perquè sense sobre entre
    tot tots tota totes altre altres jo tu ell ella ells nosaltres meu seva seu seus pot poden fer té tenen cada així només
    després abans durant segons encara mentre gràcies hola l'any d'un d'una pel pels ja`,
  hr: `i u je na se da za od su s o ne a što kao bi to ili ali koji koja koje kojih biti bio bila bilo bili nije nisu sam si smo ste
    će ću ćemo li ako kada gdje kako zašto može mogu možete samo još već vrlo više između kroz prema oko bez pod nad pred
    prije poslije nakon zbog jer kada sve svi svaki drugi druge ovaj ova ovo ove ovog taj ta te tim tom njegov njihov moj
    tvoj vaš naš mi vi oni ona on mu joj im nas vas hvala molim također treba ima imaju tijekom`,
  sl: `in je v na se da za od so s z o ne kot bi to ali pa ki kateri katera katere biti bil bila bilo bili ni niso sem si smo ste bo
    bodo če ko kje kako zakaj lahko samo še že zelo več med skozi proti okoli brez pod nad pred po zaradi ker vse vsi vsak
    drugi druge ta te tem tega teh njegov njihov moj tvoj vaš naš mi vi oni ona on mu jim nas vas hvala prosim tudi treba
    ima imajo tako torej ampak ter oziroma pri kar`,
  ru: `и в не на что я с он как это по но они к у из за вы так же от все она его бы мне был была было были меня еще ещё нет о ему
    теперь когда даже ну если уже или ни быть него до вас опять вам ведь там потом себя ничего ей может где есть надо для мы
    тебя их чем сам чтобы без будет тогда кто этот эта эти того потому этого какой ты который которая которые при об между
    через более также можно очень только этом всех свой своей нас здесь мой моя моего моей её ещё всё сегодня после перед должен спасибо пожалуйста да вот`,
  uk: `і в не на що я з він як це по але вони до у із за ви так же від все вона його б мені був була було були мене ще немає про
    йому тепер коли навіть якщо вже або ні бути нього вас вам там потім себе нічого їй може де є треба для ми тебе їх ніж
    сам щоб без буде тоді хто цей ця ці того тому цього який яка які та й при між через більше також можна дуже тільки
    цьому всіх свій своєї нас тут після перед повинен дякую будь ласка так під час та`,
  bg: `и в не на че аз с той как това по но те към у от за вие така все тя го би ми беше бяха мен още няма го сега когато дори ако
    вече или нито да бъде до вас там после себе си нищо й може къде е са съм трябва ние теб им ги ги защото без ще тогава
    кой този тази тези който която които при между чрез повече също много само тук след преди ли като във със един една
    едно какво най нещо всички благодаря моля я това днес моята`,
  be: `і ў не на што я з ён як гэта па але яны да у за вы так жа ад усё яна яго б мне быў была было былі мяне яшчэ няма пра яму цяпер
    калі нават ужо або ні быць вас вам там потым сябе нічога можа дзе ёсць трэба для мы цябе іх чым сам каб без будзе тады
    хто гэты гэтая гэтыя таго таму які якая якія пры між праз больш таксама можна вельмі толькі тут пасля дзякуй`,
  sr: `и у је на се да за од су с о не а што као би то или али који која које којих бити био била било били није нису сам си смо сте
    ће ћу ћемо ли ако када где како зашто може могу можете само још већ врло више између кроз према око без под над пред
    пре после због јер све сви сваки други друге овај ова ово ове тај та те њихов мој ваш наш ми ви они она он му нас вас
    хвала молим такође треба има имају`,
  mk: `и во не на што јас со тој како ова по но тие кон од за вие така сè таа го би ми беше беа мене уште нема сега кога дури ако
    веќе или ниту да биде до вас таму потоа себе си ништо може каде е се сум треба ние тебе ги затоа без ќе тогаш кој овој
    оваа овие која кои при меѓу преку повеќе исто многу само тука пред ли како еден една едно сите благодарам`,
  ar: `في من على إلى عن أن إن لا ما هذا هذه ذلك التي الذي كان كانت هو هي مع أو ثم قد كل بعد قبل بين حتى لم لن كما أنا نحن أنت هم
    عند غير حيث إذا لكن أي أيضا يمكن يكون وهو وهي ولا وفي ومن فيه فيها به بها له لها عليه عليها منه منها هناك خلال بعض
    جميع أكثر مثل ليس كيف لماذا متى أين شكرا نعم يجب تم وقد دون حول`,
  fa: `و در به از که این را با است برای آن یک خود تا کرد بر هم نیز شود شده ما من تو او شما آنها می ها های یا اما اگر باید هر چه
    چرا کجا چگونه بود بودند هستند است باشد دارد دارند کند کنند شد پس پیش بین بعد قبل همه دیگر بسیار فقط روی مورد طور
    کردن نیست خواهد توان سال لطفا بله ممنون وی نمی چند درباره`,
  ur: `کے کی میں ہے اور سے کا کو اس نے یہ کہ پر ہیں جو تھا بھی ایک کر وہ ہو تو ان نہیں تھی تھے گیا کیا ہوں ہم آپ مجھے لیے ساتھ بعد
    جب اگر یا لیکن اپنے اپنی کوئی کچھ سب بہت زیادہ دیا رہا رہے رہی ہوا ہوئی ہوئے جس جن تک سکتے سکتا کرنے کرنا والے شکریہ
    کیسے کیوں کہاں کب`,
  hi: `है के में की का और से को पर यह कि एक नहीं हैं था थी थे भी ने तो जो कर इस लिए वह हो या ही अपने उस साथ कुछ हम आप मैं तक बाद
    जब अगर लेकिन क्या कैसे क्यों कहाँ कोई सब बहुत अधिक रहा रहे रही हुआ हुई हुए गया गई जा सकते सकता करने करना किया दिया
    अपनी उनके इसके द्वारा धन्यवाद कृपया हाँ होता होती`,
  mr: `आहे आणि या मध्ये च्या ते हे तो ती की व एक नाही आहेत होते होता होती पण तर जर किंवा साठी मी तू आम्ही तुम्ही आपण त्या त्यांनी
    त्यांच्या त्याच्या हा ही काही सर्व खूप अधिक केले केली झाला झाली करण्यासाठी करू शकता शकतो कसे काय का कुठे केव्हा
    नंतर पूर्वी पासून पर्यंत मुळे म्हणून धन्यवाद`,
  ne: `छ र मा को का की ले लाई यो त्यो पनि हो छन् थियो थिए भने गर्न गरेको गर्ने भएको हुन् हुन्छ तर वा यदि म तपाईं हामी उनी तिनी
    यी ती सबै धेरै केही एक लागि बाट सम्म पछि अघि साथ के किन कसरी कहाँ कहिले धन्यवाद`,
}
