//! Names of many languages and scripts, for sample users. The people are invented.
//!
//! A list holds names between spaces. `Åsa/asa` gives the spelling for addresses, which is needed
//! only where it is not simply the name's lower-case letters; `_` stands for a space in a name.

#[derive(Debug)]
pub(super) struct Language {
    pub(super) order: Order,
    pub(super) given: &'static str,
    pub(super) family: &'static str,
}

/// How a full name is put together.
#[derive(Debug, Clone, Copy)]
pub(super) enum Order {
    GivenFamily,
    FamilyGiven,
    /// Family name first, nothing in between.
    Joined,
    /// People of one name, from the list of given names.
    Single,
}

pub(super) const LANGUAGES: [Language; 22] = [
    Language {
        order: Order::GivenFamily,
        given: "Åsa/asa Björn/bjorn Märta/marta Göran/goran Karl-Johan Anna_Maria Örjan/orjan \
                Linnéa/linnea Håkan/hakan Sven-Åke/svenake Elin Gustav",
        family: "Öberg/oberg Sjöström/sjostrom Bergström/bergstrom Åkesson/akesson Holm \
                 Näslund/naslund Lindgren Hägg/hagg Ekman Ström/strom",
    },
    Language {
        order: Order::GivenFamily,
        given: "Bjørn/bjorn Øyvind/oyvind Søren/soren Åse/ase Mette Kåre/kare Anne-Lise \
                Sólveig/solveig Þórunn/thorunn Guðmundur/gudmundur",
        family: "Ødegård/odegard Sørensen/sorensen Kjær/kjaer Strømme/stromme Hæstad/haestad \
                 Nygård/nygard Bjarnadóttir/bjarnadottir Þorsteinsson/thorsteinsson Østby/ostby \
                 Lund",
    },
    Language {
        order: Order::GivenFamily,
        given: "Aino Päivi/paivi Jyrki Tuulikki Väinö/vaino Ülle/ulle Õnne/onne Jānis/janis \
                Žydrė/zydre Ieva",
        family: "Mäkinen/makinen Hämäläinen/hamalainen Kärkkäinen/karkkainen \
                 Työläjärvi/tyolajarvi Jõgi/jogi Bērziņš/berzins Šimkutė/simkute Virtanen \
                 Lehtonen Põld/pold",
    },
    Language {
        order: Order::GivenFamily,
        given: "Seán/sean Siobhán/siobhan Niamh Pádraig/padraig William Mary-Kate Olivia D'Arcy \
                Zoë/zoe Harper",
        family: "O'Brien O'Connor O’Sullivan/osullivan Smith-Jones MacDonald McCarthy \
                 Ní_Bhriain/nibhriain D'Angelo St._John/stjohn Taylor",
    },
    Language {
        order: Order::GivenFamily,
        given: "Jürgen/juergen Käthe/kaethe Hans-Jörg/hansjoerg Björn/bjoern Anke Sören/soeren \
                Zoé/zoe Günther/guenther Friederike Ruth",
        family: "Groß/gross Müller-Lüdenscheidt/muellerluedenscheidt Weiß/weiss \
                 von_der_Heide/vonderheide Schäfer/schaefer Strauß/strauss Köhler/koehler \
                 Hübner/huebner Böhm/boehm Fuchs",
    },
    Language {
        order: Order::GivenFamily,
        given: "François/francois Anaïs/anais Jean-Noël/jeannoel Élodie/elodie Zoé/zoe Loïc/loic \
                Maëlle/maelle Benoît/benoit Cœlia/coelia Hervé/herve",
        family: "Lefèvre/lefevre Benoît/benoit d'Été/dete Gauthier Bœuf/boeuf de_La_Tour/delatour \
                 Saint-Rémy/saintremy Noël/noel Crépin/crepin Garçon/garcon",
    },
    Language {
        order: Order::GivenFamily,
        given: "José_Luis/joseluis Íñigo/inigo María_del_Carmen/mariadelcarmen Begoña/begona \
                João/joao Conceição/conceicao Jesús/jesus Àngels/angels Núria/nuria Inês/ines",
        family: "García_López/garcialopez Muñoz/munoz Ibáñez_Peña/ibanezpena Gonçalves/goncalves \
                 Magalhães/magalhaes Puigdevall Núñez/nunez da_Conceição/daconceicao Güell/guell \
                 Assunção/assuncao",
    },
    Language {
        order: Order::GivenFamily,
        given: "Łukasz/lukasz Małgorzata/malgorzata Żaneta/zaneta Zdzisława/zdzislawa Agnieszka \
                Józef/jozef Bożena/bozena Michał/michal Grażyna/grazyna Jerzy",
        family: "Wiśniewski/wisniewski Dąbrowska/dabrowska Szczęsny/szczesny Łęcki/lecki \
                 Źrebiec/zrebiec Wójcik/wojcik Żółkiewska/zolkiewska Kowalczyk Gołąb/golab \
                 Ćwik/cwik",
    },
    Language {
        order: Order::GivenFamily,
        given: "Šárka/sarka Ondřej/ondrej Jiří/jiri Ľubica/lubica Đorđe/dorde Željka/zeljka \
                Čedomir/cedomir Živa/ziva Anđela/andela Břetislav/bretislav",
        family: "Dvořáková/dvorakova Růžička/ruzicka Šťastný/stastny Đurić/duric Horvat \
                 Kovačević/kovacevic Krčmář/krcmar Čížek/cizek Ďurica/durica Žižka/zizka",
    },
    Language {
        order: Order::FamilyGiven,
        given: "Győző/gyozo Erzsébet/erzsebet Ödön/odon Zsófia/zsofia László/laszlo Tünde/tunde \
                Árpád/arpad Ágnes/agnes",
        family: "Kovács/kovacs Szőke/szoke Nagy Tóth/toth Erdős/erdos Fűzfa/fuzfa Kőszegi/koszegi \
                 Vörös/voros",
    },
    Language {
        order: Order::GivenFamily,
        given: "Ștefan/stefan Răzvan/razvan Ioana Brândușa/brandusa İbrahim/ibrahim Işıl/isil \
                Çağla/cagla Ömer/omer Gülşen/gulsen Tuğrul/tugrul",
        family: "Bălănescu/balanescu Țîrlea/tirlea Ionuț/ionut Yılmaz/yilmaz Şahin/sahin \
                 Öztürk/ozturk Kılıç/kilic Doğan/dogan Işık/isik Çelik/celik",
    },
    Language {
        order: Order::FamilyGiven,
        given: "Thị_Hồng/thihong Văn_Đức/vanduc Minh_Châu/minhchau Quốc_Bảo/quocbao \
                Thùy_Dương/thuyduong Ngọc_Ánh/ngocanh Hữu_Phước/huuphuoc Kim_Ngân/kimngan",
        family: "Nguyễn/nguyen Trần/tran Phạm/pham Đặng/dang Võ/vo Huỳnh/huynh Đỗ/do Lê/le",
    },
    Language {
        order: Order::GivenFamily,
        given: "Ελένη/eleni Νίκος/nikos Αγγελική/angeliki Οδυσσέας/odysseas Χρυσούλα/chrysoula \
                Ιωάννης/ioannis Ζωή/zoi Σταύρος/stavros",
        family: "Παπαδόπουλος/papadopoulos Οικονόμου/oikonomou Γεωργίου/georgiou Ξένος/xenos \
                 Θεοδωρίδης/theodoridis Μαύρος/mavros Ψαράς/psaras Καλλέργης/kallergis",
    },
    Language {
        order: Order::GivenFamily,
        given: "Ольга/olga Фёдор/fyodor Наталья/natalya Дмитрий/dmitry Єва/yeva Євген/yevhen \
                Олексій/oleksiy Росица/rositsa Живко/zhivko Љубица/ljubica",
        family: "Иванова/ivanova Щербаков/shcherbakov Соловьёв/solovyov Чайковская/chaykovskaya \
                 Шевчук/shevchuk Кравець/kravets Стојановић/stojanovic Дончев/donchev Ткач/tkach \
                 Юрченко/yurchenko",
    },
    Language {
        order: Order::GivenFamily,
        given: "محمد/mohammed فاطمة/fatima عبد_الرحمن/abdulrahman ليلى/layla يوسف/yusuf \
                آمنة/amina خالد/khalid نور/nour",
        family: "الخطيب/alkhatib حداد/haddad المصري/almasri النجار/alnajjar بن_سالم/binsalem \
                 العمري/alomari شاهين/shahin منصور/mansour",
    },
    Language {
        order: Order::GivenFamily,
        given: "נועה/noa אברהם/avraham שרה/sarah יעל/yael דוד/david מרים/miriam איתן/eitan \
                תמר/tamar",
        family: "כהן/cohen לוי/levi בן-דוד/bendavid מזרחי/mizrahi פרידמן/friedman שפירא/shapira \
                 אלון/alon ברק/barak",
    },
    Language {
        order: Order::Joined,
        given: "小明/xiaoming 丽/li 建国/jianguo 雨桐/yutong 志强/zhiqiang 美玲/meiling 浩然/haoran 静/jing",
        family: "王/wang 李/li 张/zhang 欧阳/ouyang 陳/chen 赵/zhao 周/zhou 黃/huang",
    },
    Language {
        order: Order::FamilyGiven,
        given: "花子/hanako 太郎/taro さくら/sakura 健一/kenichi 美咲/misaki 翔太/shota ひなた/hinata 直樹/naoki",
        family: "佐藤/sato 鈴木/suzuki 高橋/takahashi 渡辺/watanabe 伊藤/ito 山本/yamamoto 小林/kobayashi \
                 齋藤/saito",
    },
    Language {
        order: Order::Joined,
        given: "민준/minjun 서연/seoyeon 지훈/jihoon 하은/haeun 도윤/doyun 수빈/subin 예진/yejin 현우/hyunwoo",
        family: "김/kim 이/lee 박/park 최/choi 정/jeong 강/kang 남궁/namgung 윤/yoon",
    },
    Language {
        order: Order::GivenFamily,
        given: "आरव/aarav प्रिया/priya विजय/vijay लक्ष्मी/lakshmi रोहित/rohit अनन्या/ananya \
                श्रेया/shreya ऋषि/rishi",
        family: "शर्मा/sharma वर्मा/verma गुप्ता/gupta सिंह/singh जोशी/joshi मिश्रा/mishra \
                 चौधरी/chaudhary त्रिपाठी/tripathi",
    },
    Language {
        order: Order::GivenFamily,
        given: "Oluwaṣeun/oluwaseun Adébáyọ̀/adebayo Chinwe Nomvula Thandiwe Kwame Mpho \
                Wanjirũ/wanjiru",
        family: "Ọláńrewájú/olanrewaju Dlamini-Khumalo Mensah Ndlovu Okonkwo Mwangi N'Diaye Abebe",
    },
    Language {
        order: Order::Single,
        given: "Wulandari Suparman Kartini Rangi Björk/bjork Subramaniam Thiha Dolkar",
        family: "",
    },
];
