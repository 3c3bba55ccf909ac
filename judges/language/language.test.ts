import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { wordHash } from '../words.ts'
import { isSameLanguage, isStopWord, languageOf, languageOfText } from './language.ts'

const SENTENCES: readonly (readonly [string, string])[] = [
  ['en', 'The package was delivered this morning and the driver left it with a neighbour.'],
  ['en', 'How do I reset my password?'],
  ['en', 'Sure! Here are three options for your trip to Lisbon next week.'],
  ['en', 'Photosynthesis turns light into chemical energy; chlorophyll gives leaves their colour.'],
  ['de', 'Das Paket wurde heute Morgen zugestellt und bei einem Nachbarn abgegeben.'],
  ['de', 'Wie kann ich mein Passwort zurücksetzen?'],
  ['de', 'Wo ist mein Paket?'],
  ['fr', 'Le colis a été livré ce matin et le livreur l’a laissé chez un voisin.'],
  ['fr', 'Comment puis-je réinitialiser mon mot de passe ?'],
  ['es', 'El paquete fue entregado esta mañana y el repartidor lo dejó con un vecino.'],
  ['es', '¿Cómo puedo restablecer mi contraseña?'],
  ['it', 'Il pacco è stato consegnato questa mattina e il corriere lo ha lasciato a un vicino.'],
  ['it', 'Come posso reimpostare la mia password?'],
  ['pt', 'O pacote foi entregue esta manhã e o entregador deixou-o com um vizinho.'],
  ['pt', 'Como posso redefinir a minha senha?'],
  ['nl', 'Het pakket is vanmorgen bezorgd en de bezorger heeft het bij een buurman afgegeven.'],
  ['nl', 'Hoe kan ik mijn wachtwoord opnieuw instellen?'],
  ['pl', 'Paczka została dostarczona dziś rano, a kurier zostawił ją u sąsiada.'],
  ['pl', 'Jak mogę zresetować hasło do mojego konta?'],
  ['tr', 'Paket bu sabah teslim edildi ve kurye onu bir komşuya bıraktı.'],
  ['tr', 'Şifremi nasıl sıfırlayabilirim ve bunun için ne yapmam gerekiyor?'],
  ['sv', 'Paketet levererades i morse och budet lämnade det hos en granne.'],
  ['sv', 'Hur kan jag återställa mitt lösenord?'],
  ['no', 'Pakken ble levert i morges, og budet leverte den hos en nabo.'],
  ['fi', 'Paketti toimitettiin tänä aamuna, ja kuljettaja jätti sen naapurille, koska en ollut kotona.'],
  ['cs', 'Balíček byl dnes ráno doručen a kurýr ho nechal u souseda.'],
  ['cs', 'Jak si mohu obnovit své heslo?'],
  ['sk', 'Balík bol dnes ráno doručený a kuriér ho nechal u suseda, pretože som nebol doma.'],
  ['hu', 'A csomagot ma reggel kézbesítették, és a futár egy szomszédnál hagyta.'],
  ['ro', 'Coletul a fost livrat în această dimineață și curierul l-a lăsat la un vecin.'],
  ['id', 'Paket itu dikirim pagi ini dan kurir menitipkannya kepada tetangga.'],
  ['vi', 'Gói hàng đã được giao sáng nay và người giao hàng để lại cho hàng xóm.'],
  ['ca', 'El paquet es va lliurar aquest matí i el repartidor el va deixar a un veí, perquè no hi era.'],
  ['hr', 'Paket je isporučen jutros, a kurir ga je ostavio kod susjeda jer nisam bio kod kuće.'],
  ['sl', 'Paket je bil dostavljen danes zjutraj in kurir ga je pustil pri sosedu.'],
  ['ru', 'Посылка была доставлена сегодня утром, и курьер оставил её у соседа.'],
  ['ru', 'Как мне сбросить пароль от моего аккаунта?'],
  ['uk', 'Посилку доставили сьогодні вранці, і кур’єр залишив її в сусіда.'],
  ['bg', 'Пратката беше доставена тази сутрин и куриерът я остави при съсед.'],
  ['sr', 'Пакет је испоручен јутрос, а курир га је оставио код комшије.'],
  ['be', 'Пасылку даставілі сёння раніцай, і курʼер пакінуў яе ў суседа.'],
  ['ja', '荷物は今朝配達され、配達員は隣人に預けました。'],
  ['zh', '包裹今天早上已送达，快递员把它留给了邻居。'],
  ['zh', '我怎么重置 password？'],
  ['ko', '택배가 오늘 아침에 배달되었고 배달원이 이웃에게 맡겼습니다.'],
  ['ar', 'تم تسليم الطرد هذا الصباح وتركه السائق عند أحد الجيران.'],
  ['fa', 'بسته امروز صبح تحویل داده شد و پیک آن را نزد همسایه گذاشت.'],
  ['ur', 'پیکج آج صبح پہنچا دیا گیا اور ڈرائیور نے اسے پڑوسی کے پاس چھوڑ دیا۔'],
  ['hi', 'पैकेज आज सुबह पहुँचा दिया गया और ड्राइवर ने उसे पड़ोसी के पास छोड़ दिया।'],
  ['mr', 'पॅकेज आज सकाळी पोहोचवले गेले आहे आणि ड्रायव्हरने ते शेजाऱ्याकडे ठेवले.'],
  ['el', 'Το πακέτο παραδόθηκε σήμερα το πρωί.'],
  ['he', 'החבילה נמסרה הבוקר.'],
  ['th', 'พัสดุถูกส่งเมื่อเช้านี้'],
]

describe('languageOf', () => {
  it.each(SENTENCES)('%s: %s', (language, text) => {
    expect(languageOf(text)?.language).toBe(language)
  })

  it.each([
    'const x = foo(bar); return x.map((y) => y.id).filter(Boolean);',
    'OK',
    'Paris, London, Berlin, Madrid, Rome',
    '{"city": "Berlin", "temperature": 21, "unit": "C", "is_day": true}',
    'GPT-4o mini 2024-07-18',
    'SELECT name, price FROM products WHERE price > 10 ORDER BY price;',
    '',
    '12 + 30 = 42',
    'Как сбросить пароль?',
    '```js\nthis is the code that we have and it is not prose\n```',
    'См. the quick way of the world и не только это все',
  ])('abstains: %s', (text) => {
    expect(languageOf(text)).toBeNull()
  })

  it('is surer of a longer text', () => {
    const [short, long] = [
      'Wo ist mein Paket?',
      'Wo ist mein Paket? Ich warte seit einer Woche darauf und habe noch nichts gehört.',
    ]
    expect(languageOf(long)!.confidence).toBeGreaterThan(languageOf(short)!.confidence)
    expect(languageOf(long)!.confidence).toBeGreaterThan(0.9)
  })

  it('does not look at code in a text', () => {
    const code = '```python\nfor the in and of: # the loop that we have is not the one you want\n    pass\n```'
    expect(languageOf(`Hier ist die Schleife, die du gesucht hast:\n${code}\nSie läuft nur einmal.`)?.language).toBe(
      'de',
    )
  })

  it('reads a long text at its beginning, middle and end', () => {
    const german = 'Das Paket wurde heute Morgen zugestellt und bei einem Nachbarn abgegeben. '
    expect(languageOf(german.repeat(200))).toEqual({ language: 'de', confidence: 1 })
    expect(languageOf(german.repeat(20_000))).toEqual({ language: 'de', confidence: 1 })
  })

  it('answers any text, the same again', () => {
    const anyText = fc.array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 700 })
    fc.assert(
      fc.property(anyText, (units) => {
        const text = String.fromCharCode(...units)
        const found = languageOf(text)
        expect(languageOf(text)).toEqual(found)
        if (found !== null) expect(found.confidence).toBeLessThanOrEqual(1)
      }),
    )
  })
})

it('languageOfText remembers what it found', () => {
  const text = { path: 'output/0/0', field: 'output', role: 'assistant', text: SENTENCES[0]![1] } as const
  expect(languageOfText(text)).toBe(languageOfText(text))
})

it('isSameLanguage takes Danish and Norwegian for one, English and German for two', () => {
  expect(isSameLanguage('da', 'no')).toBe(true)
  expect(isSameLanguage('en', 'en')).toBe(true)
  expect(isSameLanguage('en', 'de')).toBe(false)
})

it('isStopWord knows the words of one language', () => {
  expect(isStopWord(wordHash('The'), 'en')).toBe(true)
  expect(isStopWord(wordHash('der'), 'en')).toBe(false)
  expect(isStopWord(wordHash('parcel'), 'en')).toBe(false)
  expect(isStopWord(wordHash('the'), 'zh')).toBe(false)
})
