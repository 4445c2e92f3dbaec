"""The small words of English and of the languages around it, by which a text tells what it is written in."""

ENGLISH = frozenset(
    """
    the a an and or but so of to in on at for from with by as that this these those it its i me my we us our you
    he she they them his their her was were is are be been am had have has did do does not no which who what
    when where how if because then than after before into about out up down over one all some any more most
    other own would could can will there just also only
    """.split()
)
OTHERS = tuple(
    frozenset(words.split())
    for words in (
        # French
        """
        le la les l un une des du de d et ou mais donc que qu qui quoi dont ce cet cette ces c il elle ils
        elles on nous vous je j tu mon ma mes notre nos votre son sa ses leur leurs lui me m se s ne n pas
        plus tres est etait etaient sont ont avait avaient ai avons ete etre avoir fait dans sur sous pour
        par avec sans chez en y au aux a puis alors ensuite apres avant comme si tout tous toute meme aussi
        entre depuis pendant jusqu lorsque quand
        """,
        # Italian
        """
        il lo la i gli le l un uno una un di del dello della dei degli delle dell a al allo alla ai agli
        alle all da dal dalla dai dalle dall in nel nella nei nelle nell con su sul sulla sui sulle per tra
        fra e ed o ma che chi cui non piu come quando dove perche se si mi ti ci vi ne io noi loro lui lei
        mio mia miei nostro nostra nostri suo sua questo questa quello quella sono era erano ho ha abbiamo
        hanno avevo aveva avevano avevamo essere stato stata stati dopo prima poi quindi cosi anche tutto
        tutti tutte ogni molto c
        """,
        # Portuguese
        """
        o a os as um uma uns umas de do da dos das no na nos nas em ao aos por pelo pela pelos pelas para
        com sem sobre entre e ou mas que quem nao mais muito como quando onde porque se me nos eu ele ela
        eles elas meu minha meus nosso nossa seu sua seus isso este esta esse essa aquele foi era eram foram
        estava estavam tinha tinham ser ter havia fiz depois antes entao tambem ja ate todo todos todas cada
        desde
        """,
        # Spanish
        """
        el la los las lo un una unos unas de del al a en por para con sin sobre entre hasta desde y e o u
        pero que quien cual no mas muy como cuando donde porque se me nos le les yo el ella nosotros ellos
        mi mis nuestro nuestra su sus este esta estos ese esa eso esto fue era eran fueron estaba estaban
        habia habian he hemos han ser estar tenia teniamos hice despues antes entonces tambien ya todo todos
        todas cada
        """,
        # German
        """
        der die das den dem des ein eine einen einem einer und oder aber sondern dass weil wenn als ob damit
        sodass nicht kein keine nur auch noch schon sehr mehr ich wir er sie es mich mir uns ihn ihm ihr
        mein meine meinen unser unsere unserem sein seine ihre in im an am auf aus bei mit nach von vom vor
        zu zum zur uber unter fur durch gegen um bis seit ist war waren sind hat hatte hatten habe haben
        wurde wurden werden wird konnte konnten sollte musste dann danach so wie was wer alle diese dieser
        dieses jeder
        """,
        # Dutch
        """
        de het een en of maar want dat die dit deze er ik we wij hij zij ze je jij mij me ons hem haar hun
        mijn onze zijn in op aan bij met naar van voor uit over door om te tot als toen dan nog ook al wel
        niet geen meer zeer zo hoe wat wie waar is was waren ben had hadden heb hebben heeft werd werden
        wordt worden kon konden moest moesten zou daarna alle elke onder tussen tegen zonder sinds
        """,
        # Swedish, Danish, Norwegian
        """
        och og att at det den de som en ett et i pa av af for til till med fran fra om var er ar har hade
        havde hadde jag jeg vi han hun hon du mig meg oss os min mitt mit mina mine vores vara vores deras
        deres inte ikke ikkje men eller nar da sa ved vid over under efter etter for innan inden sedan siden
        alla alle mycket meget mye blev ble blir bliver skulle kunde kunne ville vilket hvad vad hva hvor
        hvorfor
        """,
        # Polish
        """
        i a oraz ale lub albo ze zeby bo poniewaz gdy kiedy jak co kto ktory ktora ktore ktorzy to ten ta te
        tego tej tym tych sie nie tak juz jeszcze tylko takze rowniez w we z ze na do od po za przez przed
        pod nad przy o u dla bez miedzy ja my on ona ono oni mnie mi nam nas jego jej ich moj moja moje nasz
        nasza nasze nasi swoj swoje byl byla bylo byli byly jest sa mial miala mieli zostal zostala zostaly
        potem wtedy wiec bardzo wszystkie kazdy kazda
        """,
    )
)
"""Of each other language, without accents and cut at apostrophes."""
